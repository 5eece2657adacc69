package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tenon.kernel.Kernel;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("short")
class ParallelJobTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final MemorySegment[] NONE = {};

    /** A kernel that runs an action for each part. */
    record Parts(int parts, long partNanos, IntConsumer part) implements Kernel {
        @Override
        public String id() {
            return "parts";
        }

        @Override
        public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
            for (int i = from; i < to; i++) {
                part.accept(i);
            }
        }
    }

    /** Threads that run parts of a job until they are stopped. */
    private static final class Crew implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();
        private final List<Thread> threads = new ArrayList<>();

        private Crew(ParallelJob job, int count) {
            for (int i = 0; i < count; i++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    ScratchMemory scratch = new ScratchMemory();
                    while (!over.get()) {
                        if (!job.runSome(scratch)) {
                            // On one processor a thread that spins would keep the owner waiting for its slice of time.
                            LockSupport.parkNanos(1);
                        }
                    }
                }));
            }
        }

        @Override
        public void close() {
            over.set(true);
            for (Thread t : threads) {
                while (t.isAlive()) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    private static Throwable run(ParallelJob job, Kernel kernel, int grain, ScratchMemory scratch) {
        job.publish(kernel, NONE, kernel.parts(), grain);
        boolean more = true;
        while (more) {
            more = job.runSome(scratch) || job.hasUnclaimed();
        }
        job.await();
        return job.failure();
    }

    @Test
    void eachPartRunsOnceInAnyRace() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        assertTimeoutPreemptively(PATIENCE, () -> {
            ParallelJob job = new ParallelJob(3);
            ScratchMemory scratch = new ScratchMemory();
            try (Crew crew = new Crew(job, 3)) {
                for (int step = 0; step < 20_000; step++) {
                    int parts = 1 + random.nextInt(40);
                    AtomicIntegerArray runs = new AtomicIntegerArray(parts);
                    Throwable failure =
                            run(job, new Parts(parts, 1, runs::incrementAndGet), 1 + random.nextInt(8), scratch);
                    assertThat(failure).isNull();
                    for (int i = 0; i < parts; i++) {
                        assertThat(runs.get(i))
                                .as("runs of part %d of %d in step %d, seed %d", i, parts, step, seed)
                                .isEqualTo(1);
                    }
                }
                assertThat(crew.threads).allMatch(Thread::isAlive);
            }
        });
    }

    @Test
    void failuresOfAnyPartReachTheOwnerAfterAllPartsEnded() {
        assertTimeoutPreemptively(PATIENCE, () -> {
            ParallelJob job = new ParallelJob(2);
            ScratchMemory scratch = new ScratchMemory();
            try (Crew crew = new Crew(job, 2)) {
                for (int step = 0; step < 2000; step++) {
                    int bad = step % 16;
                    AtomicInteger ended = new AtomicInteger();
                    Throwable failure = run(
                            job,
                            new Parts(16, 1, i -> {
                                ended.incrementAndGet();
                                if (i == bad) {
                                    throw new AssertionError("part " + i);
                                }
                            }),
                            1,
                            scratch);
                    assertThat(failure).isInstanceOf(AssertionError.class).hasMessage("part " + bad);
                    assertThat(ended).hasValue(16);
                    assertThat(run(job, new Parts(4, 1, i -> {}), 1, scratch)).isNull();
                }
                assertThat(crew.threads).allMatch(Thread::isAlive);
            }
        });
    }

    @Test
    void anInterruptedOwnerWaitsForPartsInFlight() {
        assertTimeoutPreemptively(PATIENCE, () -> {
            ParallelJob job = new ParallelJob(1);
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            AtomicInteger ended = new AtomicInteger();
            Thread owner = Thread.currentThread();
            job.publish(
                    new Parts(2, 1, i -> {
                        if (!Thread.currentThread().equals(owner)) {
                            begun.countDown();
                            awaitUninterruptibly(go);
                        }
                        ended.incrementAndGet();
                    }),
                    NONE,
                    2,
                    1);
            Thread helper = Thread.ofPlatform().start(() -> job.runSome(new ScratchMemory()));
            begun.await();
            while (job.hasUnclaimed()) {
                job.runSome(new ScratchMemory());
            }
            Thread releaser = Thread.ofPlatform().start(() -> {
                while (owner.getState() != Thread.State.WAITING && owner.getState() != Thread.State.TIMED_WAITING) {
                    Thread.onSpinWait();
                }
                owner.interrupt();
                go.countDown();
            });
            job.await();
            assertThat(ended).hasValue(2);
            releaser.join(PATIENCE);
            assertThat(Thread.interrupted()).as("interrupt is kept").isTrue();
            helper.join(PATIENCE);
        });
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void nothingIsClaimedBeforeAndAfterAStep() {
        ParallelJob job = new ParallelJob(1);
        ScratchMemory scratch = new ScratchMemory();
        assertThat(job.runSome(scratch)).isFalse();
        assertThat(job.hasUnclaimed()).isFalse();
        assertThat(run(job, new Parts(3, 1, i -> {}), 2, scratch)).isNull();
        job.clear();
        assertThat(job.runSome(scratch)).isFalse();
        assertThat(job.hasUnclaimed()).isFalse();
    }
}
