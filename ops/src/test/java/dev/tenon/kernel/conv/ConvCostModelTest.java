package dev.tenon.kernel.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.Ratios;
import dev.tenon.kernel.conv.ConvCostModel.Filtering;
import dev.tenon.op.Attributes;
import dev.tenon.op.nn.Conv;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Profile;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvCostModelTest {
    private static final Attributes PADDED = Attributes.none().with("pads", new long[] {1, 1, 1, 1});

    /**
     * Many channels and large planes are worth the transforms, few channels and one window are not. Narrower vectors multiply
     * more slowly, so that they load weights for fewer windows.
     */
    @ParameterizedTest
    @CsvSource({
        "64,64,56,4,4,4,4",
        "128,128,28,4,4,4,4",
        "256,256,14,2,0,2,4",
        "64,256,13,2,0,2,0",
        "8,8,56,0,0,0,0",
        "512,512,1,0,0,0,0",
        "512,512,7,0,0,2,0"
    })
    void theCheapestWins(
            int inputs, int outputs, int side, int assembled, int vector, int assembledNarrow, int vectorNarrow) {
        Ratios wide = Profile.ZEN4.capabilities().ratios();
        assertThat(tile(Filtering.ASSEMBLED, wide, inputs, outputs, side)).isEqualTo(assembled);
        assertThat(tile(Filtering.VECTOR, wide, inputs, outputs, side)).isEqualTo(vector);
        Ratios narrow = Profile.HASWELL.capabilities().ratios();
        assertThat(tile(Filtering.ASSEMBLED, narrow, inputs, outputs, side)).isEqualTo(assembledNarrow);
        assertThat(tile(Filtering.VECTOR, narrow, inputs, outputs, side)).isEqualTo(vectorNarrow);
    }

    private static int tile(Filtering filtering, Ratios ratios, int inputs, int outputs, int side) {
        int best = 0;
        double least = 1;
        for (int tile : filtering.tiles()) {
            double ratio = ConvCostModel.costRatio(tile, filtering, ratios, inputs, outputs, side, side);
            best = ratio < least ? tile : best;
            least = Math.min(least, ratio);
        }
        return best;
    }

    @Test
    void onlyWhatNumericsAllowIsFiltered() {
        Capabilities c = Capabilities.avx512();
        Tensor w = weights(64, 64, 0.5f);
        assertThat(choice(PADDED, w, c)).isEqualTo(4);
        assertThat(choice(PADDED.with("strides", new long[] {2, 2}), w, c)).isZero();
        assertThat(choice(PADDED.with("dilations", new long[] {1, 2}), w, c)).isZero();
        assertThat(choice(Attributes.none().with("pads", new long[] {2, 1, 1, 1}), w, c))
                .isZero();
        assertThat(choice(PADDED, weights(64, 8, 0.5f), c)).isZero();
        assertThat(choice(PADDED, weights(64, 64, 3), c)).as("whole numbers").isZero();
        assertThat(choice(PADDED, null, c)).as("no constant").isZero();
        assertThat(choice(PADDED, w, Capabilities.SCALAR)).isZero();
        assertThat(choice(PADDED, w, c.strict())).isZero();
    }

    @Test
    void whatIsAskedForNeedNotPay() {
        Tensor w = weights(12, 12, 0.5f);
        KernelRequest step = request(w, Capabilities.avx512(), 1);
        assertThat(ConvCostModel.bestTile(Conv.of(PADDED), step, Filtering.ASSEMBLED, false))
                .isZero();
        assertThat(ConvCostModel.bestTile(Conv.of(PADDED), step, Filtering.ASSEMBLED, true))
                .isPositive();
    }

    /** Scratch memory grows with the inputs, even where minimal filtering is asked for. */
    @Test
    void theVectorTierFiltersNoVeryDeepImages() {
        for (int inputs : new int[] {8192, 8193}) {
            KernelRequest step = request(weights(12, inputs, 0.5f), Capabilities.avx512(), 56);
            assertThat(ConvCostModel.bestTile(Conv.of(PADDED), step, Filtering.VECTOR, true))
                    .isEqualTo(inputs == 8192 ? 4 : 0);
            assertThat(ConvCostModel.bestTile(Conv.of(PADDED), step, Filtering.ASSEMBLED, true))
                    .isPositive();
        }
    }

    private static int choice(Attributes attributes, Tensor w, Capabilities c) {
        return ConvCostModel.bestTile(Conv.of(attributes), request(w, c, 56), Filtering.ASSEMBLED, false);
    }

    private static KernelRequest request(Tensor w, Capabilities c, long side) {
        TensorType x = new TensorType(DType.FLOAT32, Shape.of(1, side, side, 56));
        return new KernelRequest(
                Arrays.asList(x, w == null ? x : w.type()),
                List.of(x),
                List.of(Layout.ROW_MAJOR, Layout.ROW_MAJOR),
                Arrays.asList(null, w),
                c);
    }

    private static Tensor weights(int outputs, int inputs, float value) {
        float[] w = new float[outputs * inputs * 9];
        Arrays.fill(w, value);
        return Tensor.of(w, outputs, inputs, 3, 3);
    }
}
