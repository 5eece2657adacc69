package dev.tenon.compression.quantize.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GptqTest {
    private static final double SCALE = 0.05;
    private static final int MOST = 7;

    /** Second moments of rows whose columns depend on each other. */
    private static double[] moments(int terms, int rows, long seed) {
        Random random = new Random(seed);
        double[] mix = random.doubles((long) terms * terms, -1, 1).toArray();
        double[] h = new double[terms * terms];
        for (int r = 0; r < rows; r++) {
            double[] z = random.doubles(Math.max(1, terms / 4), -1, 1).toArray();
            double[] x = new double[terms];
            for (int i = 0; i < terms; i++) {
                x[i] = 0.1 * random.nextGaussian();
                for (int j = 0; j < z.length; j++) {
                    x[i] += mix[i * terms + j] * z[j];
                }
            }
            for (int i = 0; i < terms; i++) {
                for (int j = 0; j < terms; j++) {
                    h[i * terms + j] += x[i] * x[j];
                }
            }
        }
        return h;
    }

    private static float[] matrix(int rows, int terms, long seed) {
        Random random = new Random(seed);
        float[] w = new float[rows * terms];
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) (0.12 * random.nextGaussian());
        }
        return w;
    }

    private static double nearest(double weight) {
        return SCALE * Math.max(-MOST, Math.min(MOST, Math.rint(weight / SCALE)));
    }

    private static double[] rounded(Gptq gptq, float[] w, int rows, int terms) {
        double[] q = new double[w.length];
        gptq.round(w, 0, rows, (row, column, weight) -> q[row * terms + column] = nearest(weight));
        return q;
    }

    /** The definition: after each column, the inverse of what is left of H tells how the rest changes. */
    private static double[] definition(double[] moments, float[] w, int rows, int terms, double damping) {
        double mean = 0;
        for (int i = 0; i < terms; i++) {
            mean += moments[i * terms + i] / terms;
        }
        double[] q = new double[w.length];
        double[] rest = new double[w.length];
        for (int i = 0; i < w.length; i++) {
            rest[i] = w[i];
        }
        for (int c = 0; c < terms; c++) {
            int left = terms - c;
            DMatrixRMaj h = new DMatrixRMaj(left, left);
            for (int i = 0; i < left; i++) {
                for (int j = 0; j < left; j++) {
                    h.set(i, j, moments[(c + i) * terms + c + j] + (i == j ? damping * mean : 0));
                }
            }
            assertThat(CommonOps_DDRM.invert(h)).isTrue();
            for (int row = 0; row < rows; row++) {
                int at = row * terms + c;
                q[at] = nearest(rest[at]);
                double error = (rest[at] - q[at]) / h.get(0, 0);
                for (int j = 0; j < left; j++) {
                    rest[at + j] -= error * h.get(0, j);
                }
            }
        }
        return q;
    }

    private static double error(double[] moments, float[] w, double[] q, int rows, int terms) {
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < terms; i++) {
                for (int j = 0; j < terms; j++) {
                    int at = row * terms;
                    sum += (w[at + i] - q[at + i]) * moments[i * terms + j] * (w[at + j] - q[at + j]);
                }
            }
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 37, 150})
    void roundsLikeItsDefinition(int terms) {
        int rows = 5;
        double[] h = moments(terms, 3 * terms + 2, 1);
        float[] w = matrix(rows, terms, 2);
        double[] found = rounded(new Gptq(h, terms, 0.01, false), w, rows, terms);
        double[] expected = definition(h, w, rows, terms, 0.01);
        int differing = 0;
        for (int i = 0; i < found.length; i++) {
            differing += Math.abs(found[i] - expected[i]) < 1e-9 ? 0 : 1;
        }
        // A weight halfway between two values may be rounded to the other one.
        assertThat(differing).as("weights that differ of " + found.length).isLessThanOrEqualTo(found.length / 200);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void makesOutputsChangeLess(boolean isOrdered) {
        int terms = 300;
        int rows = 270;
        double[] h = moments(terms, 1000, 3);
        float[] w = matrix(rows, terms, 4);
        double[] plain = new double[w.length];
        Arrays.setAll(plain, i -> nearest(w[i]));
        double[] found = rounded(new Gptq(h, terms, 0.01, isOrdered), w, rows, terms);
        assertThat(error(h, w, found, rows, terms)).isLessThan(0.5 * error(h, w, plain, rows, terms));
    }

    @Test
    void roundsToNearestWhereColumnsDoNotDepend() {
        int terms = 130;
        double[] h = new double[terms * terms];
        for (int i = 0; i < terms; i++) {
            h[i * terms + i] = i % 7;
        }
        float[] w = matrix(3, terms, 5);
        double[] found = rounded(new Gptq(h, terms, 0.01, true), w, 3, terms);
        for (int i = 0; i < w.length; i++) {
            assertThat(found[i]).isEqualTo(nearest(w[i]));
        }
    }

    @Test
    void solvesWithDampedMoments() {
        int terms = 20;
        double[] h = moments(terms, 100, 6);
        double[] row = new Random(7).doubles(terms).toArray();
        double[] solved = new Gptq(h, terms, 0, false).solved(row);
        for (int j = 0; j < terms; j++) {
            double product = 0;
            for (int i = 0; i < terms; i++) {
                product += solved[i] * h[i * terms + j];
            }
            assertThat(product).isCloseTo(row[j], offset(1e-8));
        }
    }
}
