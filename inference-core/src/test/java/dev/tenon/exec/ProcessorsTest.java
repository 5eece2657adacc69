package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tenon.budget.WorkBudget;
import dev.tenon.exec.ParallelJobTest.Parts;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.math.Neg;
import dev.tenon.op.math.Relu;
import dev.tenon.plan.Compiler;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers and workers together use all processors while there is work, and never more. */
@Tag("short")
class ProcessorsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final MemorySegment[] NONE = {};
    private static final WorkBudget NO_LIMIT = WorkBudget.started("test", CallLimits.NONE.call());
    private static final long LONG_PART = 50_000;
    private static final int PARTS = 64;

    /** Parts whose threads wait until the gate opens. */
    private static final class Gate {
        /** Fair, so that a thread that passes does not take the permit of a waiting thread. */
        private final Semaphore open = new Semaphore(0, true);

        private final AtomicInteger inside = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private final AtomicInteger ended = new AtomicInteger();

        private Parts parts() {
            return new Parts(PARTS, LONG_PART, part -> {
                int now = inside.incrementAndGet();
                most.accumulateAndGet(now, Math::max);
                open.acquireUninterruptibly();
                inside.decrementAndGet();
                ended.incrementAndGet();
            });
        }

        private void openForAll() {
            open.release(Integer.MAX_VALUE / 2);
        }
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Whether the workers from an index on wait for work. */
    private static boolean rest(WorkerPool pool, int from) {
        List<Thread> workers = pool.workers();
        return workers.stream()
                .skip(Math.max(0, from))
                .allMatch(w -> w.getState() == Thread.State.WAITING && LockSupport.getBlocker(w) == pool);
    }

    private static void step(WorkerPool pool, ParallelJob job, Gate gate) {
        int slot = pool.enter(job);
        try {
            assertThat(pool.run(job, gate.parts(), NONE, new ScratchMemory(), NO_LIMIT))
                    .isNull();
        } finally {
            pool.leave(slot);
        }
    }

    @ParameterizedTest
    @CsvSource({"2,1", "2,2", "4,1", "4,2", "4,3", "4,4", "4,6", "8,1", "8,3", "8,5", "8,7", "8,8"})
    void manyCallersLeaveSomeWorkersAlone(int processors, int callers) {
        WorkerPool pool = new WorkerPool(processors - 1);
        Gate gate = new Gate();
        CountDownLatch begun = new CountDownLatch(callers);
        assertTimeoutPreemptively(PATIENCE, () -> {
            try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
                List<Future<?>> calls = new ArrayList<>();
                try {
                    for (int i = 0; i < callers; i++) {
                        calls.add(threads.submit(() -> {
                            pool.begin();
                            try {
                                begun.countDown();
                                begun.await();
                                step(pool, new ParallelJob(pool.size()), gate);
                            } finally {
                                pool.end();
                            }
                            return null;
                        }));
                    }
                    int all = Math.max(processors, callers);
                    until(() -> gate.inside.get() == all && rest(pool, processors - callers));
                    assertThat(gate.inside).hasValue(all);
                } finally {
                    gate.openForAll();
                }
                for (Future<?> call : calls) {
                    call.get();
                }
            }
        });
        assertThat(gate.most).hasValue(Math.max(processors, callers));
        assertThat(gate.ended).hasValue(callers * PARTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void workersStopForCallsThatBeginAndContinueWhenTheyEnd(int processors) {
        WorkerPool pool = new WorkerPool(processors - 1);
        Gate first = new Gate();
        Gate second = new Gate();
        int others = processors - 2;
        assertTimeoutPreemptively(PATIENCE, () -> {
            try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
                Future<?> call;
                try {
                    pool.begin();
                    call = threads.submit(() -> {
                        ParallelJob job = new ParallelJob(pool.size());
                        step(pool, job, first);
                        step(pool, job, second);
                    });
                    // A thread that is inside but does not wait yet could miss its permit: another one would take two.
                    until(() -> first.open.getQueueLength() == processors);
                    for (int i = 0; i < others; i++) {
                        pool.begin();
                    }
                    first.open.release(processors);
                    until(() -> first.ended.get() == processors && first.inside.get() == 2 && rest(pool, 1));
                    for (int i = 0; i < others; i++) {
                        pool.end();
                    }
                    first.openForAll();
                    until(() -> second.inside.get() == processors);
                } finally {
                    first.openForAll();
                    second.openForAll();
                }
                call.get();
            }
        });
        assertThat(first.ended).hasValue(PARTS);
        assertThat(second.ended).hasValue(PARTS);
    }

    /** An executor whose calls wait until all have begun, then run parts. */
    private static Executor executor(WorkerPool pool, int threads, CountDownLatch begun, Gate gate) {
        Graph graph = SmallModels.graph("""
            graph (%x: f32[8]) {
              %n = Neg(%x)
              %y = Relu(%n)
              return %y
            }
            """);
        Parts meet = new Parts(1, 1, part -> {
            begun.countDown();
            until(() -> begun.getCount() == 0);
        });
        KernelSet kernels =
                KernelSet.empty().with(Neg.class, (op, step) -> meet).with(Relu.class, (op, step) -> gate.parts());
        Compiler compiler = new Compiler(kernels, Capabilities.SCALAR, Compiler.Optimization.NONE);
        CallLimits none = CallLimits.NONE;
        return new Executor(compiler.compile(graph), compiler, none, threads, null, pool);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8})
    void sessionsShareTheProcessors(int processors) {
        WorkerPool pool = new WorkerPool(processors - 1);
        Gate gate = new Gate();
        int callers = 3;
        CountDownLatch begun = new CountDownLatch(callers);
        List<Executor> executors = List.of(
                executor(pool, processors, begun, gate),
                executor(pool, processors, begun, gate),
                executor(pool, 1, begun, gate));
        assertTimeoutPreemptively(PATIENCE, () -> {
            try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
                List<Future<?>> calls = new ArrayList<>();
                try {
                    for (Executor executor : executors) {
                        calls.add(threads.submit(() -> {
                            ExecutionContext context = executor.acquire();
                            context.inputs()[0] = Tensor.of(new float[8]);
                            executor.run(context);
                            executor.release(context);
                        }));
                    }
                    until(() -> gate.inside.get() == processors && rest(pool, processors - callers));
                    assertThat(gate.inside).hasValue(processors);
                } finally {
                    gate.openForAll();
                }
                for (Future<?> call : calls) {
                    call.get();
                }
            }
        });
        assertThat(gate.most).hasValue(processors);
        assertThat(gate.ended).hasValue(callers * PARTS);
        assertThat(pool.hasSpare()).isTrue();
    }

    @Test
    void aJobHasNoMoreHelpersThanItsThreads() {
        WorkerPool pool = new WorkerPool(7);
        assertThat(pool.helpers(1)).isZero();
        assertThat(pool.helpers(3)).isEqualTo(2);
        assertThat(pool.helpers(16)).isEqualTo(7);
        assertThat(new WorkerPool(0).helpers(16)).isZero();
        assertThat(pool.workers()).as("workers start with the first job").isEmpty();
    }
}
