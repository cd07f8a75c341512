import {expect, test} from 'vitest';
import {waitChannelKind, withoutCompilerSuffix} from '../../source/waits/wait-channel.js';

test.each([
	// As seen on Linux 6.18.
	['futex_do_wait', 'futex'],
	['futex_wait_multiple', 'futex'],
	['hrtimer_nanosleep', 'sleep'],
	['poll_schedule_timeout.constprop.0', 'poll'],
	['do_epoll_wait', 'epoll'],
	['anon_pipe_read', 'pipe'],
	['do_wait', 'child'],
	['kernel_clone', 'child'],
	['__do_sys_pause', 'signal'],
	['sigsuspend.isra.0', 'signal'],
	['inet_csk_accept', 'socket'],
	['unix_stream_read_generic', 'socket'],
	['__skb_wait_for_more_packets', 'socket'],
	['locks_lock_inode_wait', 'file-lock'],
	['fcntl_setlk', 'file-lock'],
	['do_signal_stop', 'stopped'],
	['handle_userfault', 'page-fault'],
	['submit_bio_wait', 'disk'],
	['folio_wait_bit', 'disk'],
	['__iomap_dio_rw', 'disk'],
	['__sync_dirty_buffer', 'disk'],
	['__vm_munmap', 'kernel-lock'],
	['lock_mm_and_find_vma', 'kernel-lock'],
	['do_unlinkat', 'kernel-lock'],
	['ext4_buffered_write_iter', 'kernel-lock'],
	// On older kernels.
	['futex_wait_queue_me', 'futex'],
	['futex_wait_queue', 'futex'],
	['ep_poll', 'epoll'],
	['pipe_wait', 'pipe'],
	['pipe_read', 'pipe'],
	['do_nanosleep', 'sleep'],
	['do_select', 'poll'],
	['do_sys_poll', 'poll'],
	['sk_wait_data', 'socket'],
	['__skb_recv_datagram', 'socket'],
	['call_rwsem_down_read_failed', 'kernel-lock'],
	['rwsem_down_write_slowpath', 'kernel-lock'],
	['__mutex_lock.isra.0', 'kernel-lock'],
	['io_schedule', 'disk'],
	['wait_on_page_bit_common', 'disk'],
	['jbd2_log_wait_commit', 'disk'],
	['rpc_wait_bit_killable', 'disk'],
	['n_tty_read', 'terminal'],
])('%s is a wait for: %s', (channel, kind) => {
	expect(waitChannelKind(channel)).toBe(kind);
});

test('a name that many kinds of wait share proves none', () => {
	expect(waitChannelKind('wait_woken')).toBeUndefined();
	expect(waitChannelKind('do_wait_intr_irq')).toBeUndefined();
	expect(waitChannelKind('constructor')).toBeUndefined();
});

test('what the compiler added to a name is dropped, however often', () => {
	expect(withoutCompilerSuffix('ep_poll.part.2.constprop.0')).toBe('ep_poll');
	expect(withoutCompilerSuffix('sigsuspend.isra.0')).toBe('sigsuspend');
	expect(withoutCompilerSuffix('do_wait')).toBe('do_wait');
});
