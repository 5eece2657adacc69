package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Warm-ups run in order until their loops are fast, whatever the loops do, and waiting for them ends after some time. */
class JitWarmUpQueueTest {
    private static final int WORTH_CALLS = 16;
    private static final long LONG = Duration.ofSeconds(30).toNanos();
    private static final long SLOW = Duration.ofMillis(1).toNanos();

    private static JitWarmUp warmUp(JitWarmUpQueue queue, boolean first, Runnable... loops) {
        return new JitWarmUp(queue, first, () -> List.of(loops), false);
    }

    /** A loop that becomes fast after some calls. */
    private static Runnable loop(int slowCalls, AtomicInteger calls) {
        return () -> {
            if (calls.getAndIncrement() < slowCalls) {
                LockSupport.parkNanos(SLOW);
            }
        };
    }

    private static void ask(JitWarmUp warmUp) {
        for (int i = 0; i < WORTH_CALLS; i++) {
            assertThat(warmUp.over()).isFalse();
        }
    }

    @Test
    void loopsRunUntilAllAreFast() throws InterruptedException {
        JitWarmUpQueue queue = new JitWarmUpQueue(0, 20, 1);
        AtomicInteger some = new AtomicInteger();
        AtomicInteger more = new AtomicInteger();
        JitWarmUp warmUp = warmUp(queue, false, loop(10, some), loop(30, more));
        for (int i = 1; i < WORTH_CALLS; i++) {
            assertThat(warmUp.over()).isFalse();
        }
        assertThat(queue.isRunning()).as("too early").isFalse();
        assertThat(queue.settle(LONG)).as("nothing waits").isFalse();
        assertThat(warmUp.over()).isFalse();
        assertThat(queue.settle(LONG)).isTrue();
        assertThat(warmUp.over()).isTrue();
        assertThat(some.get()).isGreaterThan(10);
        assertThat(more.get()).isGreaterThan(30);
        while (queue.isRunning()) {
            Thread.sleep(1);
        }
    }

    @Test
    void loopsOfHigherPriorityComeFirst() {
        JitWarmUpQueue queue = new JitWarmUpQueue(200, 20, 1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger firstCalls = new AtomicInteger();
        Runnable first = loop(20, firstCalls);
        JitWarmUp later = warmUp(queue, false, () -> order.add("later"));
        JitWarmUp sooner = warmUp(queue, true, () -> {
            order.add("sooner");
            first.run();
        });
        ask(later);
        ask(sooner);
        assertThat(queue.settle(LONG)).isTrue();
        assertThat(later.over() && sooner.over()).isTrue();
        assertThat(order.lastIndexOf("sooner")).isLessThan(order.indexOf("later"));
        assertThat(firstCalls.get()).isGreaterThan(20);
    }

    @Test
    void aLoopThatFailsDoesNotRunAgain() {
        JitWarmUpQueue queue = new JitWarmUpQueue(0, 20, 1);
        JitWarmUp failing = warmUp(queue, false, () -> {
            throw new IllegalStateException("no data");
        });
        AtomicInteger calls = new AtomicInteger();
        JitWarmUp other = warmUp(queue, false, loop(3, calls));
        ask(failing);
        ask(other);
        queue.settle(LONG);
        assertThat(failing.over() && other.over()).isTrue();
        assertThat(calls.get()).isGreaterThan(3);
    }

    @Test
    void waitingEndsIfLoopsStaySlow() {
        JitWarmUpQueue queue = new JitWarmUpQueue(0, 20, 20);
        AtomicBoolean end = new AtomicBoolean();
        JitWarmUp slow = warmUp(queue, false, () -> LockSupport.parkNanos(end.get() ? 0 : SLOW));
        ask(slow);
        long start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertThat(slow.over()).isFalse();
            LockSupport.parkNanos(SLOW);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(queue.settle(SLOW)).isTrue();
        assertThat(slow.over()).isFalse();
        end.set(true);
        queue.settle(LONG);
        assertThat(slow.over()).isTrue();
    }

    @Test
    void anInterruptedThreadDoesNotWait() {
        JitWarmUpQueue queue = new JitWarmUpQueue(0, 20, 1);
        AtomicBoolean end = new AtomicBoolean();
        JitWarmUp slow = warmUp(queue, false, () -> LockSupport.parkNanos(end.get() ? 0 : SLOW));
        ask(slow);
        Thread.currentThread().interrupt();
        assertThat(queue.settle(LONG)).isTrue();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(slow.over()).isFalse();
        end.set(true);
        queue.settle(LONG);
        assertThat(slow.over()).isTrue();
    }

    @Test
    void loopsThatNeedNoWarmUpAreOver() {
        JitWarmUpQueue queue = new JitWarmUpQueue(0, 20, 1);
        JitWarmUp off = new JitWarmUp(queue, false, List::of, true);
        assertThat(off.over()).isTrue();
        assertThat(queue.isRunning()).isFalse();
    }

    @Test
    @Timeout(60)
    void noWarmUpBeforeTheFirstResult() throws InterruptedException {
        JitWarmUpQueue queue = new JitWarmUpQueue(Duration.ofHours(1).toMillis(), 20, 1);
        AtomicInteger calls = new AtomicInteger();
        JitWarmUp warmUp = warmUp(queue, false, loop(3, calls));
        ask(warmUp);
        Thread.sleep(50);
        assertThat(warmUp.over()).isFalse();
        assertThat(calls).hasValue(0);
        queue.begin();
        while (queue.isRunning()) {
            Thread.sleep(1);
        }
        assertThat(warmUp.over()).isTrue();
    }

    @Test
    @Timeout(60)
    void warmUpBeginsIfTheFirstResultTakesLong() throws InterruptedException {
        JitWarmUpQueue queue = new JitWarmUpQueue(20, 20, 1);
        JitWarmUp warmUp = warmUp(queue, false, loop(3, new AtomicInteger()));
        ask(warmUp);
        while (queue.isRunning()) {
            Thread.sleep(1);
        }
        assertThat(warmUp.over()).isTrue();
    }

    @Test
    void aLongCallCountsForSeveral() {
        JitWarmUpQueue queue = new JitWarmUpQueue(0, 20, 1);
        JitWarmUp warmUp = warmUp(queue, false, loop(10, new AtomicInteger()));
        assertThat(warmUp.over(WORTH_CALLS - 1)).isFalse();
        assertThat(queue.settle(LONG)).as("nothing waits").isFalse();
        assertThat(warmUp.over(Integer.MAX_VALUE)).isFalse();
        assertThat(queue.settle(LONG)).isTrue();
        assertThat(warmUp.over(1)).isTrue();
    }
}
