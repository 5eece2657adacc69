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

/** Rehearsals end when loops are fast, in order, whatever loops do, and nobody waits for them for long. */
class RehearsalQueueTest {
    private static final int WORTH_CALLS = 16;
    private static final long LONG = Duration.ofSeconds(30).toNanos();
    private static final long SLOW = Duration.ofMillis(1).toNanos();

    private static Rehearsal rehearsal(RehearsalQueue queue, boolean first, Runnable... loops) {
        return new Rehearsal(queue, first, () -> List.of(loops), false);
    }

    /** A loop that becomes fast after some calls. */
    private static Runnable loop(int slowCalls, AtomicInteger calls) {
        return () -> {
            if (calls.getAndIncrement() < slowCalls) {
                LockSupport.parkNanos(SLOW);
            }
        };
    }

    private static void ask(Rehearsal rehearsal) {
        for (int i = 0; i < WORTH_CALLS; i++) {
            assertThat(rehearsal.over()).isFalse();
        }
    }

    @Test
    void loopsAreRehearsedUntilAllAreFast() throws InterruptedException {
        RehearsalQueue queue = new RehearsalQueue(0, 20, 1);
        AtomicInteger some = new AtomicInteger();
        AtomicInteger more = new AtomicInteger();
        Rehearsal rehearsal = rehearsal(queue, false, loop(10, some), loop(30, more));
        for (int i = 1; i < WORTH_CALLS; i++) {
            assertThat(rehearsal.over()).isFalse();
        }
        assertThat(queue.isRunning()).as("too early").isFalse();
        assertThat(queue.settle(LONG)).as("nothing waits").isFalse();
        assertThat(rehearsal.over()).isFalse();
        assertThat(queue.settle(LONG)).isTrue();
        assertThat(rehearsal.over()).isTrue();
        assertThat(some.get()).isGreaterThan(10);
        assertThat(more.get()).isGreaterThan(30);
        while (queue.isRunning()) {
            Thread.sleep(1);
        }
    }

    @Test
    void thoseThatComeFirstDo() {
        RehearsalQueue queue = new RehearsalQueue(200, 20, 1);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger firstCalls = new AtomicInteger();
        Runnable first = loop(20, firstCalls);
        Rehearsal later = rehearsal(queue, false, () -> order.add("later"));
        Rehearsal sooner = rehearsal(queue, true, () -> {
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
    void aLoopThatFailsIsNotRehearsedAgain() {
        RehearsalQueue queue = new RehearsalQueue(0, 20, 1);
        Rehearsal failing = rehearsal(queue, false, () -> {
            throw new IllegalStateException("no data");
        });
        AtomicInteger calls = new AtomicInteger();
        Rehearsal other = rehearsal(queue, false, loop(3, calls));
        ask(failing);
        ask(other);
        queue.settle(LONG);
        assertThat(failing.over() && other.over()).isTrue();
        assertThat(calls.get()).isGreaterThan(3);
    }

    @Test
    void nobodyWaitsForLoopsThatStaySlow() {
        RehearsalQueue queue = new RehearsalQueue(0, 20, 20);
        AtomicBoolean end = new AtomicBoolean();
        Rehearsal slow = rehearsal(queue, false, () -> LockSupport.parkNanos(end.get() ? 0 : SLOW));
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
        RehearsalQueue queue = new RehearsalQueue(0, 20, 1);
        AtomicBoolean end = new AtomicBoolean();
        Rehearsal slow = rehearsal(queue, false, () -> LockSupport.parkNanos(end.get() ? 0 : SLOW));
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
    void loopsThatAreNotToBeRehearsedAreOver() {
        RehearsalQueue queue = new RehearsalQueue(0, 20, 1);
        Rehearsal off = new Rehearsal(queue, false, List::of, true);
        assertThat(off.over()).isTrue();
        assertThat(queue.isRunning()).isFalse();
    }

    @Test
    @Timeout(60)
    void theFirstResultIsLeftAlone() throws InterruptedException {
        RehearsalQueue queue = new RehearsalQueue(Duration.ofHours(1).toMillis(), 20, 1);
        AtomicInteger calls = new AtomicInteger();
        Rehearsal rehearsal = rehearsal(queue, false, loop(3, calls));
        ask(rehearsal);
        Thread.sleep(50);
        assertThat(rehearsal.over()).isFalse();
        assertThat(calls).hasValue(0);
        queue.begin();
        while (queue.isRunning()) {
            Thread.sleep(1);
        }
        assertThat(rehearsal.over()).isTrue();
    }

    @Test
    @Timeout(60)
    void aFirstResultThatTakesLongIsNot() throws InterruptedException {
        RehearsalQueue queue = new RehearsalQueue(20, 20, 1);
        Rehearsal rehearsal = rehearsal(queue, false, loop(3, new AtomicInteger()));
        ask(rehearsal);
        while (queue.isRunning()) {
            Thread.sleep(1);
        }
        assertThat(rehearsal.over()).isTrue();
    }

    @Test
    void aCallThatDoesMuchCountsForSeveral() {
        RehearsalQueue queue = new RehearsalQueue(0, 20, 1);
        Rehearsal rehearsal = rehearsal(queue, false, loop(10, new AtomicInteger()));
        assertThat(rehearsal.over(WORTH_CALLS - 1)).isFalse();
        assertThat(queue.settle(LONG)).as("nothing waits").isFalse();
        assertThat(rehearsal.over(Integer.MAX_VALUE)).isFalse();
        assertThat(queue.settle(LONG)).isTrue();
        assertThat(rehearsal.over(1)).isTrue();
    }
}
