package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.exec.ParallelJobTest.Parts;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("short")
class WorkerPoolTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final MemorySegment[] NONE = {};
    private static final WorkBudget NO_LIMIT = WorkBudget.started("test", CallLimits.NONE.call());
    private static final long LONG_PART = 50_000;

    /** How long a thread works while workers are parked. */
    private static final long BUSY_NANOS = 200_000_000;

    private final WorkerPool pool = WorkerPool.shared();

    private void steps(int count) {
        ParallelJob job = new ParallelJob(Math.max(1, pool.size()));
        ScratchMemory scratch = new ScratchMemory();
        int slot = pool.enter(job);
        try {
            for (int step = 0; step < count; step++) {
                AtomicIntegerArray runs = new AtomicIntegerArray(7);
                Throwable failure =
                        pool.run(job, new Parts(7, LONG_PART, runs::incrementAndGet), NONE, scratch, NO_LIMIT);
                assertThat(failure).isNull();
                assertThat(runs.toString()).isEqualTo("[1, 1, 1, 1, 1, 1, 1]");
            }
        } finally {
            pool.leave(slot);
        }
    }

    @Test
    void manyCallersShareTheWorkers() {
        assertTimeoutPreemptively(PATIENCE, () -> {
            try (ExecutorService platform = Executors.newFixedThreadPool(4);
                    ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> calls = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    calls.add((i % 2 == 0 ? platform : virtual).submit(() -> steps(2000)));
                }
                for (Future<?> call : calls) {
                    call.get();
                }
            }
        });
    }

    @Test
    void moreCallersThanSlotsWorkAlone() {
        List<Integer> slots = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            slots.add(pool.enter(new ParallelJob(1)));
        }
        assertThat(slots).contains(-1);
        assertThat(slots.stream().filter(s -> s >= 0)).doesNotHaveDuplicates();
        slots.forEach(pool::leave);
        steps(100);
    }

    @Test
    void aJobWithoutPartnersTakesNoSlot() {
        assertThat(pool.enter(new ParallelJob(0))).isEqualTo(-1);
    }

    /** The pool is shared by the process: other tests may run calls at the same time. */
    @Test
    void callsTakeTheProcessorsOfWorkers() {
        int processors = pool.size() + 1;
        for (int i = 0; i < processors; i++) {
            pool.begin();
        }
        try {
            assertThat(pool.hasSpare()).isFalse();
        } finally {
            for (int i = 0; i < processors; i++) {
                pool.end();
            }
        }
        assertTimeoutPreemptively(PATIENCE, () -> {
            while (!pool.hasSpare()) {
                LockSupport.parkNanos(1_000_000);
            }
        });
    }

    @Test
    void failuresComeBack() {
        ParallelJob job = new ParallelJob(Math.max(1, pool.size()));
        int slot = pool.enter(job);
        try {
            for (int step = 0; step < 500; step++) {
                Throwable failure = pool.run(
                        job,
                        new Parts(5, LONG_PART, i -> {
                            if (i == 3) {
                                throw new IllegalStateException("part 3");
                            }
                        }),
                        NONE,
                        new ScratchMemory(),
                        NO_LIMIT);
                assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessage("part 3");
            }
        } finally {
            pool.leave(slot);
        }
        steps(100);
    }

    /**
     * Makes a part long if a worker runs it. On a machine with more workers than processors they would else finish all parts of a
     * step before its caller looks at its budget for the first time.
     */
    private static void slowUnless(Thread caller) {
        if (!Thread.currentThread().equals(caller)) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** The parts that nobody has claimed are given up, and the next step runs all of its parts. */
    @Test
    void aBudgetThatIsUsedUpEndsAStep() {
        int parts = 1_000_000;
        Thread caller = Thread.currentThread();
        ParallelJob job = new ParallelJob(Math.max(1, pool.size()));
        int slot = pool.enter(job);
        try {
            for (int step = 0; step < 200; step++) {
                AtomicIntegerArray runs = new AtomicIntegerArray(1);
                WorkBudget none = WorkBudget.started("step", new WorkLimits(0, Long.MAX_VALUE, "the limit", ""));
                Throwable failure = pool.run(
                        job,
                        new Parts(parts, LONG_PART, i -> {
                            slowUnless(caller);
                            runs.incrementAndGet(0);
                        }),
                        NONE,
                        new ScratchMemory(),
                        none);
                assertThat(failure).isInstanceOf(InterruptedPredictionException.class);
                assertThat(runs.get(0)).isLessThan(parts / 2);
                steps(1);
            }
        } finally {
            pool.leave(slot);
        }
    }

    /** A condition of the caller that throws ends a step as a limit does: no thread works on it afterwards. */
    @Test
    void aBudgetThatFailsEndsAStep() {
        Thread caller = Thread.currentThread();
        ParallelJob job = new ParallelJob(Math.max(1, pool.size()));
        int slot = pool.enter(job);
        try {
            for (int step = 0; step < 200; step++) {
                AtomicIntegerArray running = new AtomicIntegerArray(1);
                WorkBudget failing = WorkBudget.started("step", CallLimits.NONE.call());
                failing.stopWhen(() -> {
                    throw new IllegalStateException("stop");
                });
                Throwable failure = pool.run(
                        job,
                        new Parts(1_000_000, LONG_PART, i -> {
                            running.incrementAndGet(0);
                            slowUnless(caller);
                            running.decrementAndGet(0);
                        }),
                        NONE,
                        new ScratchMemory(),
                        failing);
                assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessage("stop");
                assertThat(running.get(0)).as("parts that run").isZero();
                assertThat(job.hasUnclaimed()).isFalse();
            }
        } finally {
            pool.leave(slot);
        }
        steps(10);
    }

    @Test
    void idleWorkersParkAndWakeAgain() {
        assertTimeoutPreemptively(PATIENCE, () -> {
            steps(10);
            List<Thread> workers = pool.workers();
            assertThat(workers).hasSize(pool.size()).allMatch(Thread::isDaemon);
            for (Thread worker : workers) {
                awaitPark(pool, worker);
                worker.interrupt();
            }
            steps(1000);
            assertThat(pool.workers()).isEqualTo(workers);
        });
    }

    /** The pool is not shared: no other test wakes its workers. */
    @Test
    void parkedWorkersTakeNoProcessorTime() {
        ThreadMXBean times = ManagementFactory.getThreadMXBean();
        assertTimeoutPreemptively(PATIENCE, () -> {
            WorkerPool own = new WorkerPool(3);
            ParallelJob job = new ParallelJob(own.size());
            int slot = own.enter(job);
            own.run(job, new Parts(64, LONG_PART, i -> {}), NONE, new ScratchMemory(), NO_LIMIT);
            own.leave(slot);
            for (Thread worker : own.workers()) {
                awaitPark(own, worker);
                // The processor time of a thread grows until the operating system has parked it.
                long before = -1;
                long now = times.getThreadCpuTime(worker.threadId());
                while (now != before) {
                    LockSupport.parkNanos(50_000_000);
                    before = now;
                    now = times.getThreadCpuTime(worker.threadId());
                }
                assertThat(now).as("processor time of %s", worker.getName()).isPositive();
            }
            long[] ids = own.workers().stream().mapToLong(Thread::threadId).toArray();
            long parked = sum(times, ids);
            long start = times.getCurrentThreadCpuTime();
            while (times.getCurrentThreadCpuTime() - start < BUSY_NANOS) {
                steps(100);
            }
            // A worker that looked for work all the time would take about as much as this thread.
            assertThat(sum(times, ids) - parked).isLessThan(BUSY_NANOS / 10);
        });
    }

    private static long sum(ThreadMXBean times, long[] ids) {
        return LongStream.of(ids).map(times::getThreadCpuTime).sum();
    }

    private static void awaitPark(WorkerPool pool, Thread worker) {
        while (worker.getState() != Thread.State.WAITING || LockSupport.getBlocker(worker) != pool) {
            LockSupport.parkNanos(1_000_000);
        }
    }
}
