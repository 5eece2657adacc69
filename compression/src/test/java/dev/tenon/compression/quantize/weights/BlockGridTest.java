package dev.tenon.compression.quantize.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockGridTest {
    private static final int BLOCK = 32;

    private static double error(double[] w, BlockGrid grid, double[] importance) {
        double sum = 0;
        for (int i = 0; i < w.length; i++) {
            double e = w[i] - grid.value(grid.code(w[i]));
            sum += (importance == null ? 1 : importance[i]) * e * e;
        }
        return sum;
    }

    private static double[] weights(Random random) {
        double[] w = new double[BLOCK];
        for (int i = 0; i < w.length; i++) {
            w[i] = 0.1 * random.nextGaussian() + (i == 5 ? 0.3 : 0);
        }
        return w;
    }

    private static double mean(Function<double[], BlockGrid> grids, double[] importance) {
        Random random = new Random(1);
        double sum = 0;
        for (int i = 0; i < 500; i++) {
            double[] w = weights(random);
            sum += error(w, grids.apply(w), importance);
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRangeHoldsAllWeights(boolean isSymmetric) {
        double[] w = weights(new Random(2));
        BlockGrid grid = BlockGrid.ofRange(w, 0, BLOCK, isSymmetric);
        for (double weight : w) {
            double most = isSymmetric ? 1 : 0.5001;
            assertThat(Math.abs(weight - grid.value(grid.code(weight))))
                    .isLessThanOrEqualTo(most * Math.abs(grid.scale()));
        }
    }

    @Test
    void anotherSignOfTheScaleTurnsCodesAround() {
        double[] w = {-0.8, 0.3};
        BlockGrid grid = BlockGrid.ofRange(w, 0, 2, true);
        assertThat(grid).isEqualTo(new BlockGrid(0.1f, 8));
        assertThat(grid.code(-0.8)).isZero();
        assertThat(BlockGrid.ofRange(new double[] {0.8, -0.3}, 0, 2, true)).isEqualTo(new BlockGrid(-0.1f, 8));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void zerosStayZeros(boolean isSymmetric) {
        double[] zeros = new double[BLOCK];
        for (BlockGrid grid : new BlockGrid[] {
            BlockGrid.ofRange(zeros, 0, BLOCK, isSymmetric),
            BlockSearch.find(zeros, 0, BLOCK, null, 0, isSymmetric),
            HalfQuadratic.find(zeros, 0, BLOCK, isSymmetric)
        }) {
            assertThat(grid.value(grid.code(0))).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theSearchMakesTheErrorLess(boolean isSymmetric) {
        double range = mean(w -> BlockGrid.ofRange(w, 0, BLOCK, isSymmetric), null);
        double search = mean(w -> BlockSearch.find(w, 0, BLOCK, null, 0, isSymmetric), null);
        assertThat(search).isLessThan(0.95 * range);
    }

    @Test
    void importantWeightsComeFirst() {
        double[] importance = new double[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            importance[i] = i < 8 ? 10 : 0.1;
        }
        double plain = mean(w -> BlockSearch.find(w, 0, BLOCK, null, 0, false), importance);
        double weighted = mean(w -> BlockSearch.find(w, 0, BLOCK, importance, 0, false), importance);
        assertThat(weighted).isLessThan(0.8 * plain);
    }

    @Test
    void halfQuadraticSplittingMakesTheErrorLess() {
        double range = mean(w -> BlockGrid.ofRange(w, 0, BLOCK, false), null);
        double real = mean(w -> HalfQuadratic.find(w, 0, BLOCK, true), null);
        double whole = mean(w -> HalfQuadratic.find(w, 0, BLOCK, false), null);
        assertThat(real).isLessThan(0.95 * range);
        assertThat(whole).isLessThanOrEqualTo(range);
    }
}
