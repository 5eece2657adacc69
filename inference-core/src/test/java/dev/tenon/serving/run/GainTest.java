package dev.tenon.serving.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

/** The size of batches follows what runs have shown. */
class GainTest {
    private static final int MOST = 32;

    /** The sizes of batches that a queue that is never empty gets. */
    private static List<Integer> sizes(IntToLongFunction nanos, int batches) {
        Gain gain = new Gain();
        gain.record(1, nanos.applyAsLong(1));
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            int rows = gain.cap(MOST, MOST);
            sizes.add(rows);
            gain.record(rows, nanos.applyAsLong(rows));
        }
        return sizes;
    }

    @Test
    void nothingIsKnownAtFirst() {
        assertThat(new Gain().cap(MOST, 0)).isEqualTo(MOST);
    }

    @Test
    void aModelThatGainsRunsLargeBatches() {
        // One row takes 100, each more takes 10.
        List<Integer> sizes = sizes(n -> 90 + 10L * n, 100);
        assertThat(sizes.subList(0, 5)).containsExactly(2, 4, 8, 16, 32);
        assertThat(sizes.subList(5, 100)).containsOnly(32);
    }

    @Test
    void aModelThatGainsNothingRunsCallsAlone() {
        List<Integer> sizes = sizes(n -> 100L * n, 600);
        assertThat(sizes.subList(5, 600).stream().filter(n -> n == 1).count()).isGreaterThan(590);
        assertThat(sizes.subList(5, 600).stream().filter(n -> n > 1)).hasSizeBetween(1, 4);
    }

    @Test
    void theSmallestSizeThatIsAsGoodWins() {
        List<Integer> sizes = sizes(n -> n <= 8 ? 100 : 100L * n / 8, 60);
        assertThat(sizes.subList(5, 60)).containsOnly(8);
    }

    @Test
    void aLargerSizeThatIsALittleBetterWinsWhileManyRowsWait() {
        Gain gain = new Gain();
        for (int n : new int[] {1, 2, 4, 8, 16, 32}) {
            gain.record(n, n < 16 ? 100L * n : n == 16 ? 50L * n : 48L * n);
        }
        assertThat(gain.cap(MOST, 0)).isEqualTo(16);
        assertThat(gain.cap(MOST, 127)).isEqualTo(16);
        assertThat(gain.cap(MOST, 128)).isEqualTo(32);
    }

    @Test
    void aSizeIsTriedOnlyIfEnoughRowsWaitForIt() {
        Gain gain = new Gain();
        gain.record(1, 100);
        assertThat(gain.cap(MOST, 1)).isEqualTo(1);
        assertThat(gain.cap(MOST, 2)).isEqualTo(2);
        gain.record(2, 200);
        assertThat(gain.cap(MOST, 2)).isEqualTo(1);
        assertThat(gain.cap(MOST, 3)).isEqualTo(4);
        for (int i = 0; i < 5000; i++) {
            assertThat(gain.cap(MOST, 2)).isBetween(1, 2);
        }
    }

    @Test
    void aRunThatWasHeldUpCountsLittle() {
        Gain gain = new Gain();
        gain.record(1, 100);
        gain.record(1, 1_000_000);
        assertThat(gain.nanos(1)).isLessThan(105);
        gain.record(1, 100);
        gain.record(1, 1_000_000);
        assertThat(gain.nanos(1)).isLessThan(105);
        gain.record(1, 1_000_000);
        assertThat(gain.nanos(1)).as("two in a row are believed").isGreaterThan(50_000);
    }

    @Test
    void rowsWithinATimeAreThoseThatWereMeasuredAndTheNextSize() {
        Gain gain = new Gain();
        assertThat(gain.rowsWithin(100)).isEqualTo(2);
        gain.record(1, 100);
        assertThat(gain.rowsWithin(10)).as("to be measured once").isEqualTo(2);
        gain.record(2, 150);
        gain.record(4, 250);
        gain.record(8, 450);
        gain.record(16, 850);
        gain.record(32, 1650);
        gain.record(64, 3250);
        assertThat(gain.rowsWithin(10)).isEqualTo(1);
        assertThat(gain.rowsWithin(200)).isEqualTo(2);
        assertThat(gain.rowsWithin(449)).isEqualTo(4);
        assertThat(gain.rowsWithin(450)).isEqualTo(8);
    }

    @Test
    void aMachineThatGetsFasterIsNoticed() {
        Gain gain = new Gain();
        gain.record(1, 100);
        gain.record(32, 3200);
        for (int n : new int[] {2, 4, 8, 16}) {
            gain.record(n, 100L * n);
        }
        assertThat(gain.cap(MOST, MOST)).isEqualTo(1);
        int tried = 0;
        for (int i = 0; i < 10_000; i++) {
            int rows = gain.cap(MOST, MOST);
            tried += rows == 32 ? 1 : 0;
            gain.record(rows, rows == 32 ? 320 : 100L * rows);
        }
        assertThat(tried).isGreaterThan(5000);
    }
}
