import type {WaitKind} from '../model/wait.js';

/**
What a thread waits for, by the kernel function that it sleeps in, over all kernels' spellings from 4.x to 6.x.
A name that ends in `*` stands for all that begin so. Waiting inside the scheduler's own functions is never shown, so a
kernel lock mostly shows as the function that wanted it.
*/
const channelsByKind: Readonly<Partial<Record<WaitKind, string>>> = {
	futex: 'futex_* do_futex',
	lock: 'rt_mutex_*',
	sleep: 'hrtimer_nanosleep do_nanosleep common_nsleep*',
	poll: `poll_schedule_timeout do_select do_pselect core_sys_select do_sys_poll do_poll do_sys_ppoll
		read_events io_cqring_wait`,
	epoll: 'do_epoll_wait do_epoll_pwait ep_poll',
	pipe: `anon_pipe_read anon_pipe_write pipe_wait pipe_read pipe_write pipe_wait_readable
		pipe_wait_writable fifo_open wait_for_partner`,
	socket: `inet_csk_accept inet_csk_wait_for_connect inet_wait_for_connect inet_stream_connect
		__inet_stream_connect sk_wait_data sk_stream_wait_* sock_alloc_send_pskb __skb_recv_datagram
		__skb_wait_for_more_packets skb_recv_datagram unix_* tcp_* udp_* netlink_* vsock_* virtio_transport_*`,
	'file-lock': `locks_lock_inode_wait flock_lock_inode_wait posix_lock_inode_wait fcntl_setlk
		fcntl_setlk64 do_lock_file_wait __break_lease`,
	child: 'do_wait kernel_wait kernel_wait4 kernel_clone _do_fork do_fork wait_for_vfork_done',
	signal: `do_sigtimedwait sigsuspend sys_pause __do_sys_pause __se_sys_pause __x64_sys_pause
		__arm64_sys_pause`,
	terminal: 'n_tty_read n_tty_write tty_read tty_write tty_wait_until_sent',
	stopped: `do_signal_stop ptrace_stop do_jobctl_trap do_freezer_trap cgroup_enter_frozen __refrigerator`,
	'page-fault': 'handle_userfault',
	disk: `io_schedule* submit_bio_wait bit_wait_io out_of_line_wait_on_bit* folio_* __folio_*
		wait_on_page_* __lock_page* lock_page* __wait_on_page* filemap_* __filemap_* __sync_dirty_buffer sync_dirty_buffer
		__wait_on_buffer __bread* iomap_dio_* __iomap_dio_* __blockdev_direct_IO do_blockdev_direct_IO
		blkdev_* blk_* bio_* rq_qos_wait wbt_wait balance_dirty_pages* wb_wait_for_completion
		sync_inodes_sb writeback_* jbd2_* wait_transaction_locked do_get_write_access start_this_handle
		add_transaction_credits xfs_buf_* xfs_log_* xlog_* btrfs_* f2fs_* nfs_* nfs4_* rpc_* cifs_* ceph_*
		fuse_* request_wait_answer __fuse_request_send swap_readpage swap_read_folio do_swap_page dm_* md_* raid*
		nvme_* loop_* congestion_wait`,
	'kernel-lock': `rwsem_down_* call_rwsem_down_* __down* down_read* down_write* __mutex_lock* mutex_lock*
		percpu_rwsem_wait __percpu_down_read lock_mm_and_find_vma do_user_addr_fault do_page_fault __do_page_fault
		vm_mmap_pgoff __vm_munmap vm_munmap vm_brk_flags __do_sys_brk do_mprotect_pkey do_madvise
		do_unlinkat do_rmdir do_renameat2 filename_create path_openat iterate_dir lookup_slow walk_component
		lock_rename ext4_buffered_write_iter ext4_file_write_iter generic_file_write_iter xfs_ilock*`,
	// Neither a disk nor a lock, although uninterruptible: memory reclaim, drivers, end of grace periods.
	other: `mem_cgroup_* throttle_direct_reclaim try_charge* wait_for_completion* do_wait_for_common flush_work __flush_work
		synchronize_* __synchronize_* wait_rcu_* __wait_rcu_* msleep* usleep_* schedule_timeout* do_exit exit_mm coredump_*`,
};

const exact = new Map<string, WaitKind>();
const prefixes: (readonly [string, WaitKind])[] = [];

for (const [kind, names] of Object.entries(channelsByKind) as [WaitKind, string][]) {
	for (const name of names.trim().split(/\s+/)) {
		if (name.endsWith('*')) {
			prefixes.push([name.slice(0, -1), kind]);
		} else {
			exact.set(name, kind);
		}
	}
}

/** Names as the compiler left them carry what it did: `poll_schedule_timeout.constprop.0`. */
export const withoutCompilerSuffix = (channel: string): string =>
	channel.replace(/(?:\.(?:constprop|isra|part|cold|llvm)(?:\.\d+)?)+$/, '');

/**
What a wait in this kernel function is; `undefined` for a name that isn't known, or that many kinds of wait share
(`wait_woken` is both a socket's and a terminal's).
*/
export const waitChannelKind = (channel: string): WaitKind | undefined => {
	const name = withoutCompilerSuffix(channel);

	return exact.get(name) ?? prefixes.find(([prefix]) => name.startsWith(prefix))?.[1];
};
