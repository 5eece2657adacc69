package dev.tenon.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** ADWIN: a mean that changes, and one that does not. */
class AdaptiveWindowTest {
    private static final double DELTA = 1e-9;

    private final SplittableRandom random = new SplittableRandom(77);

    @Test
    void aWindowWithoutChangeHasAllNumbers() {
        AdaptiveWindow window = new AdaptiveWindow(DELTA);
        double sum = 0;
        for (int i = 0; i < 100_000; i++) {
            double x = random.nextDouble();
            sum += x;
            assertThat(window.add(x)).isFalse();
        }
        assertThat(window.size()).isEqualTo(100_000);
        assertThat(window.mean()).isCloseTo(sum / 100_000, Offset.offset(1e-12));
    }

    @Test
    void aChangeIsFoundAndTheOldPartDropped() {
        AdaptiveWindow window = new AdaptiveWindow(DELTA);
        for (int i = 0; i < 10_000; i++) {
            window.add(0.3 + 0.2 * random.nextDouble());
        }
        int after = 0;
        while (!window.add(0.5 + 0.2 * random.nextDouble())) {
            after++;
        }
        assertThat(after).isLessThan(500);
        assertThat(window.difference()).isGreaterThan(window.limit());
        for (int i = 0; i < 10_000; i++) {
            window.add(0.5 + 0.2 * random.nextDouble());
        }
        assertThat(window.mean()).isCloseTo(0.6, Offset.offset(0.02));
    }

    @Test
    void constantsDoNotChange() {
        AdaptiveWindow window = new AdaptiveWindow(DELTA);
        for (int i = 0; i < 10_000; i++) {
            assertThat(window.add(0.25)).isFalse();
        }
        assertThat(window.mean()).isEqualTo(0.25);
    }

    @Test
    @Tag("exhaustive")
    void aHundredMillionNumbersWithoutChange() {
        AdaptiveWindow window = new AdaptiveWindow(DELTA);
        int changes = 0;
        for (long i = 0; i < 100_000_000; i++) {
            changes += window.add(random.nextDouble()) ? 1 : 0;
        }
        assertThat(changes).isLessThanOrEqualTo(1);
    }
}
