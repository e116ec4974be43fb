import * as fc from "fast-check";
import parse from "parse-prometheus-text-format";
import { describe, expect, it } from "vitest";
import { createHistogram } from "./histogram.ts";
import { formatMetrics } from "./metric-family.ts";

describe("formatMetrics", () => {
  it("gives any label and any number as another parser reads it", () => {
    const label = fc.string({ unit: "binary" }).filter((text) => !text.includes("\r"));
    fc.assert(
      fc.property(label, fc.double({ noNaN: true, noDefaultInfinity: true }), (value, number) => {
        const [family] = parse(
          formatMetrics([{ name: "m", help: "h", type: "gauge", samples: [{ labels: { l: value }, value: number }] }]),
        );
        expect(family).toMatchObject({ name: "m", type: "GAUGE", metrics: [{ labels: { l: value } }] });
        // There is one zero in the text.
        expect(Number(family?.metrics[0]?.value)).toBe(number + 0);
      }),
    );
  });

  it("writes the text as the format's page does", () => {
    expect(
      formatMetrics([
        { name: "a_total", help: "a \\ b\nc", type: "counter", samples: [{ labels: {}, value: 1 }] },
        { name: "b", help: "", type: "gauge", samples: [{ labels: { x: '"\\\n', y: "é" }, value: 0.5 }] },
      ]),
    ).toBe(
      '# HELP a_total a \\\\ b\\nc\n# TYPE a_total counter\na_total 1\n# HELP b \n# TYPE b gauge\nb{x="\\"\\\\\\n",y="é"} 0.5\n',
    );
  });
});

describe("a histogram", () => {
  it("counts in each bucket what is not above its bound, and everything in the last", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 10, noNaN: true })), (seconds) => {
        const histogram = createHistogram();
        for (const each of seconds) histogram.observe(each);
        const text = formatMetrics([{ name: "h", help: "h", type: "histogram", samples: histogram.samples({}) }]);
        const metric = parse(text)[0]?.metrics[0];
        const { buckets = {}, count, sum } = metric ?? {};
        for (const [bound, below] of Object.entries(buckets)) {
          const limit = bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound);
          expect(Number(below)).toBe(seconds.filter((each) => each <= limit).length);
        }
        expect(Object.keys(buckets).length).toBeGreaterThan(10);
        expect(Number(count)).toBe(seconds.length);
        expect(Number(sum)).toBeCloseTo(seconds.reduce((total, each) => total + each, 0));
      }),
    );
  });
});
