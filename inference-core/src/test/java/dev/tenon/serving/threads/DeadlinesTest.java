package dev.tenon.serving.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Things are done in the order of their times, unless they are removed before. */
class DeadlinesTest {
    private final List<Long> done = new ArrayList<>();

    private final class Noted extends Timed {
        private Noted(long at) {
            super(at);
        }

        @Override
        public void due() {
            done.add(at);
        }
    }

    @Test
    void thingsAreDoneInOrder() {
        AtomicLong clock = new AtomicLong();
        Deadlines deadlines = new Deadlines(clock::get, false);
        SplittableRandom random = new SplittableRandom(9);
        long[] expected = new long[500];
        List<Timed> removed = new ArrayList<>();
        for (int i = 0; i < expected.length; i++) {
            expected[i] = random.nextInt(1000);
            deadlines.add(new Noted(expected[i]));
            Timed other = new Noted(random.nextInt(1000));
            deadlines.add(other);
            removed.add(other);
        }
        for (int i = removed.size() - 1; i >= 0; i--) {
            deadlines.remove(removed.get(i));
            deadlines.remove(removed.get(i));
        }
        assertThat(deadlines.size()).isEqualTo(expected.length);
        Arrays.sort(expected);
        clock.set(expected[250] - 1);
        deadlines.doDue();
        assertThat(done).allMatch(at -> at < expected[250]);
        clock.set(1000);
        deadlines.doDue();
        assertThat(done.stream().mapToLong(x -> x).toArray()).isEqualTo(expected);
    }

    @Test
    void timesMayOverflow() {
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
        Deadlines deadlines = new Deadlines(clock::get, false);
        deadlines.add(new Noted(Long.MIN_VALUE + 4));
        deadlines.add(new Noted(Long.MAX_VALUE));
        clock.set(Long.MAX_VALUE);
        deadlines.doDue();
        assertThat(done).containsExactly(Long.MAX_VALUE);
        clock.set(Long.MIN_VALUE + 4);
        deadlines.doDue();
        assertThat(done).containsExactly(Long.MAX_VALUE, Long.MIN_VALUE + 4);
    }

    @Test
    void aThreadDoesWhatIsDue() throws Exception {
        Deadlines deadlines = new Deadlines(System::nanoTime, true);
        CountDownLatch late = new CountDownLatch(1);
        CountDownLatch early = new CountDownLatch(1);
        deadlines.add(new Timed(System.nanoTime() + TimeUnit.HOURS.toNanos(1)) {
            @Override
            public void due() {
                late.countDown();
            }
        });
        deadlines.add(new Timed(System.nanoTime() + 1000) {
            @Override
            public void due() {
                early.countDown();
            }
        });
        assertThat(early.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(late.getCount()).isOne();
    }

    @Test
    void oneThatFailsDoesNotHoldUpOthers() {
        AtomicLong clock = new AtomicLong();
        Deadlines deadlines = new Deadlines(clock::get, false);
        List<Throwable> told = new ArrayList<>();
        InternalError failure = new InternalError("due");
        deadlines.add(new Timed(1) {
            @Override
            public void due() {
                throw failure;
            }
        });
        deadlines.add(new Noted(2));
        clock.set(2);
        Thread thread = Thread.currentThread();
        Thread.UncaughtExceptionHandler before = thread.getUncaughtExceptionHandler();
        thread.setUncaughtExceptionHandler((t, e) -> told.add(e));
        try {
            deadlines.doDue();
        } finally {
            thread.setUncaughtExceptionHandler(before);
        }
        assertThat(told).containsExactly(failure);
        assertThat(done).containsExactly(2L);
    }
}
