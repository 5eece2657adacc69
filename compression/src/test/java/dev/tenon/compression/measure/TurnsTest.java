package dev.tenon.compression.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times by a clock that the calls themselves move. */
class TurnsTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;
    private static final Turns.Limits LIMITS = new Turns.Limits(10 * SECOND, 7, 51, SECOND);

    private long now = 77;
    private long compiled;
    private int ticks;

    /** Two calls whose times, and the compiler's share of them, depend on the time. */
    private Turns turns(LongUnaryOperator first, LongUnaryOperator second, LongUnaryOperator compiling) {
        return new Turns(
                () -> pass(first.applyAsLong(now), compiling),
                () -> pass(second.applyAsLong(now), compiling),
                () -> ticks++,
                new Turns.Clock(() -> now, () -> compiled));
    }

    private void pass(long nanos, LongUnaryOperator compiling) {
        compiled += nanos * compiling.applyAsLong(now) / 100;
        now += nanos;
    }

    @Test
    void callsAreMeasuredWhenTheyAreWarm() {
        Turns turns = turns(t -> t < 2 * SECOND ? 5 * MILLI : MILLI, t -> 2 * MILLI, t -> t < 2 * SECOND ? 90 : 0);
        Turns.Times times = turns.measure(LIMITS);
        assertThat(times.isWarm()).isTrue();
        assertThat(times.first()).hasSize(51).containsOnly(MILLI);
        assertThat(times.second()).containsOnly(2 * MILLI);
        assertThat(times.differences()).containsOnly(-MILLI);
        assertThat(ticks).isGreaterThan(51);
    }

    @Test
    void callsAreNotWarmWhileTheCompilerWorks() {
        Turns.Times times = turns(t -> 5 * MILLI, t -> 5 * MILLI, t -> t < 3 * SECOND ? 90 : 0)
                .measure(LIMITS);
        assertThat(times.isWarm()).isTrue();
        assertThat(now).as("the later half has little of the compiler in it").isGreaterThan(4 * SECOND);
    }

    @Test
    void callsThatGetFasterAllTheTimeAreStillWarming() {
        Turns.Times times = turns(t -> 20 * SECOND * MILLI / (SECOND + t), t -> MILLI, t -> 0)
                .measure(LIMITS);
        assertThat(times.isWarm()).isFalse();
        assertThat(times.first()).hasSizeGreaterThanOrEqualTo(7);
        assertThat(now).isBetween(10 * SECOND, 12 * SECOND);
    }

    @ParameterizedTest
    @CsvSource({"30, 0, true", "30, 60, false", "5, 0, true", "5, 60, false"})
    void theCompilerDecidesWhetherAFewLongCallsAreWarm(long seconds, long compiling, boolean isWarm) {
        int[] calls = {0};
        Turns.Times times = turns(
                        t -> {
                            calls[0]++;
                            return seconds * SECOND;
                        },
                        t -> SECOND,
                        t -> compiling)
                .measure(LIMITS);
        assertThat(times.isWarm()).isEqualTo(isWarm);
        assertThat(calls[0]).isEqualTo((seconds == 30 ? 1 : 2) + 7);
        assertThat(Turns.percentile(times.first(), 0.5)).isEqualTo(seconds * SECOND);
    }

    /** Five pairs of calls fit into the time. */
    @Test
    void callsOfASecondAreWarmUnlessTheyGetFaster() {
        Turns.Limits limits = new Turns.Limits(5 * SECOND, 7, 7, SECOND);
        assertThat(turns(t -> SECOND, t -> 200 * MILLI, t -> 0).measure(limits).isWarm())
                .isTrue();
        now = 77;
        assertThat(turns(t -> 5 * SECOND * SECOND / (5 * SECOND + t), t -> 200 * MILLI, t -> 0)
                        .measure(limits)
                        .isWarm())
                .isFalse();
    }

    @Test
    void theCallsTakeTurnsInBeingFirst() {
        StringBuilder order = new StringBuilder();
        turns(
                        t -> {
                            order.append('a');
                            return 20 * MILLI;
                        },
                        t -> {
                            order.append('b');
                            return 20 * MILLI;
                        },
                        t -> 0)
                .measure(new Turns.Limits(SECOND, 4, 4, 0));
        assertThat(order).endsWith("abbaabba");
    }

    @Test
    void percentilesAndCancelling() {
        long[] times = {9, 1, 8, 2, 7, 3, 6, 4, 5, 10};
        assertThat(Turns.percentile(times, 0)).isEqualTo(1);
        assertThat(Turns.percentile(times, 0.1)).isEqualTo(2);
        assertThat(Turns.percentile(times, 0.5)).isEqualTo(6);
        assertThat(Turns.percentile(times, 0.9)).isEqualTo(10);
        assertThat(Turns.percentile(times, 1)).isEqualTo(10);
        Turns cancelled = new Turns(() -> {}, () -> {}, () -> {
            throw new CancellationException("enough");
        });
        assertThatThrownBy(() -> cancelled.measure(LIMITS)).isInstanceOf(CancellationException.class);
    }
}
