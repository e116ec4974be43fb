export interface CephConfig {
  readonly directory: string;
  readonly libraries: string;
  readonly clusterId: string;
  readonly monitorPort: number;
  readonly port: number;
}

function formatGlobal({ directory, libraries, clusterId, monitorPort }: CephConfig): string {
  return `
[global]
plugin_dir = ${libraries}/ceph
erasure_code_dir = ${libraries}/ceph/erasure-code
osd_class_dir = ${libraries}/rados-classes
fsid = ${clusterId}
mon_initial_members = a
mon_host = [v2:127.0.0.1:${monitorPort}]
ms_bind_msgr1 = false
ms_bind_msgr2 = true
ms_bind_ipv6 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_allow_insecure_global_id_reclaim = false
keyring = ${directory}/keyring
run_dir = ${directory}
crash_dir = ${directory}
admin_socket =
log_file = ${directory}/$name.log
log_to_stderr = false
err_to_stderr = true
debug_ms = 0
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pgp_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
`;
}

function formatDaemons({ directory, port }: CephConfig): string {
  return `
[mon]
mon_data = ${directory}/mon
mon_cluster_log_file = ${directory}/cluster.log
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_data_avail_warn = 2
mon_data_avail_crit = 1
mon_osd_full_ratio = 0.95
paxos_propose_interval = 0.02
paxos_min_wait = 0.01

[osd]
osd_data = ${directory}/osd
osd_objectstore = bluestore
bluestore_block_size = 8G
bluestore_fsck_on_mkfs = false
bluestore_cache_autotune = false
bluestore_cache_size = 268435456
osd_fast_shutdown = true
osd_crush_initial_weight = 1

[client.rgw]
rgw_data = ${directory}/rgw
rgw_frontends = beast endpoint=127.0.0.1:${port} tcp_nodelay=1
rgw_enable_apis = s3
rgw_dns_name = localhost
rgw_run_sync_thread = false
rgw_dynamic_resharding = false
rgw_init_timeout = 60
`;
}

/** One monitor, one OSD that keeps one copy in a file, one gateway: all on loopback, all that they write in the directory. */
export function formatCephConfig(config: CephConfig): string {
  return formatGlobal(config) + formatDaemons(config);
}
