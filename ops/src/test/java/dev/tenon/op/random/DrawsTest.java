package dev.tenon.op.random;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrawsTest {
    private static final List<Long> MANY = List.of(100L, 1000L);

    private static Tensor draw(Op op, Tensor... inputs) {
        return (Tensor) op.reference(Operands.of(op, inputs)).getFirst();
    }

    private static double mean(Tensor t) {
        double sum = 0;
        for (long i = 0; i < t.size(); i++) {
            sum += t.getDouble(i);
        }
        return sum / t.size();
    }

    /** The bound of the error of a mean of n numbers: 6 standard deviations, exceeded for one seed of a billion. */
    private static double bound(double deviation, long n) {
        return 6 * deviation / Math.sqrt(n);
    }

    @Test
    void aSeedMakesCallsEqual() {
        Op seeded = new RandomUniform(MANY, DType.FLOAT32, 0, 1, 3f);
        Op other = new RandomUniform(MANY, DType.FLOAT32, 0, 1, 4f);
        assertThat(draw(seeded).contentEquals(draw(seeded))).isTrue();
        assertThat(draw(seeded).contentEquals(draw(other))).isFalse();
        assertThat(seeded.deterministic()).isFalse();
    }

    @Test
    void withoutASeedCallsDiffer() {
        Op op = new RandomNormal(MANY, DType.FLOAT32, 0, 1, null);
        assertThat(draw(op).contentEquals(draw(op))).isFalse();
    }

    @Test
    void uniformNumbersFillTheirRange() {
        Tensor t = draw(new RandomUniform(MANY, DType.FLOAT64, -1, 3, 5f));
        for (long i = 0; i < t.size(); i++) {
            assertThat(t.getDouble(i)).isBetween(-1.0, 3.0);
        }
        assertThat(Math.abs(mean(t) - 1)).isLessThan(bound(4 / Math.sqrt(12), t.size()));
    }

    @Test
    void normalNumbersHaveTheirMeanAndDeviation() {
        Tensor t = draw(new RandomNormal(MANY, DType.FLOAT64, 2, 3, 6f));
        double mean = mean(t);
        for (long i = 0; i < t.size(); i++) {
            double centred = t.getDouble(i) - mean;
            t.setDouble(i, centred * centred);
        }
        assertThat(Math.abs(mean - 2)).isLessThan(bound(3, t.size()));
        // The standard deviation of the square of a normal number is its variance times the root of 2.
        assertThat(Math.abs(mean(t) - 9)).isLessThan(bound(9 * Math.sqrt(2), t.size()));
    }

    @Test
    void classesComeInProportionToTheirProbabilities() {
        Tensor logs = Tensor.of(new double[] {Math.log(1), Math.log(3), Math.log(4)}, 1, 3);
        Tensor t = draw(new Multinomial(100_000, DType.INT64, 7f), logs);
        double[] counts = new double[3];
        for (long i = 0; i < t.size(); i++) {
            counts[(int) t.getLong(i)]++;
        }
        double[] expected = {0.125, 0.375, 0.5};
        for (int k = 0; k < 3; k++) {
            double deviation = Math.sqrt(expected[k] * (1 - expected[k]));
            assertThat(Math.abs(counts[k] / t.size() - expected[k])).isLessThan(bound(deviation, t.size()));
        }
    }

    @Test
    void onesComeWithTheirProbability() {
        Tensor p = Tensor.allocate(DType.FLOAT32, 100_000);
        for (long i = 0; i < p.size(); i++) {
            p.setDouble(i, 0.25);
        }
        double mean = mean(draw(new Bernoulli(DType.FLOAT64, 8f), p));
        assertThat(Math.abs(mean - 0.25)).isLessThan(bound(Math.sqrt(0.25 * 0.75), p.size()));
    }
}
