package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.asm.InstructionSet;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.kernel.Capabilities;
import dev.tenon.op.Operands;
import dev.tenon.op.math.Relu;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.BlockMatMul.Activations;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.BlockRows;
import dev.tenon.testkit.TestData;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that compute products in fewer bits than the model says. */
@Tag("tiers")
class PrecisionTest {
    private static final int FEATURES = 96;
    private static final int OUTPUTS = 40;

    private static final String TEXT = """
            graph (%x: f32[n,96]) {
              %w = const f32[96,128] @w96x128
              %v = const f32[128,40] @w128x40
              %b = const f32[128] @b128
              %a: f32[n,128] = MatMul(%x, %w)
              %c: f32[n,128] = Add(%a, %b)
              %d: f32[n,128] = Relu(%c)
              %y: f32[n,40] = MatMul(%d, %v)
              return %y
            }
            """;

    private final Model model = Model.of(SmallModels.graph(TEXT));

    private static boolean has(Precision precision) {
        Capabilities machine = Tenon.tiers().capabilities();
        return precision == Precision.BF16
                ? machine.instructions().contains(InstructionSet.AVX512_BF16)
                : machine.multipliesBytes();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FP32")
    void resultsAreNear(Precision precision) {
        Tensor x = SmallModels.random(13, FEATURES);
        float[] exact = model.predict(Map.of("x", x)).tensor().toFloatArray();
        Session session = model.session(SessionOptions.standard().precision(precision));
        float[] near = session.predict(Map.of("x", x)).tensor().toFloatArray();
        assertThat(cosine(exact, near)).isGreaterThan(precision == Precision.BF16 ? 0.9999 : 0.999);
        String explained = session.inspect().explain(Map.of("x", x));
        assertThat(explained).startsWith("precision " + precision);
        if (has(precision)) {
            assertThat(near).isNotEqualTo(exact);
            assertThat(explained).contains(precision == Precision.BF16 ? "gemm_f32_as_bf16" : "gemm_f32_as_u8");
        } else {
            assertThat(near).isEqualTo(exact);
            assertThat(explained).contains("FP32 is used: ");
        }
    }

    private static final String CONVOLUTIONS = """
            graph (%x: f32[n,48,12,12]) {
              %u = const f32[48,48,3,3] @u48x48x3x3
              %v = const f32[64,48,1,1] @v64x48x1x1
              %b = const f32[64] @b64
              %w = const f32[40,64,1,1] @w40x64x1x1
              %a: f32[n,48,12,12] = Conv<pads=[1, 1, 1, 1]>(%x, %u)
              %c: f32[n,48,12,12] = Relu(%a)
              %d: f32[n,64,12,12] = Conv(%c, %v, %b)
              %e: f32[n,64,12,12] = Relu(%d)
              %y: f32[n,40,12,12] = Conv(%e, %w)
              return %y
            }
            """;

    /** Convolutions whose windows are single pixels are products of pixels with weights. Others stay. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FP32")
    void convolutionsOfPixelsAreProducts(Precision precision) {
        Model convolutions = Model.of(SmallModels.graph(CONVOLUTIONS));
        Tensor x = SmallModels.random(2, 48, 12, 12);
        float[] exact = convolutions.predict(Map.of("x", x)).tensor().toFloatArray();
        Session session = convolutions.session(SessionOptions.standard().precision(precision));
        float[] near = session.predict(Map.of("x", x)).tensor().toFloatArray();
        assertThat(cosine(exact, near)).isGreaterThan(precision == Precision.BF16 ? 0.9999 : 0.999);
        if (has(precision)) {
            String kernel = precision == Precision.BF16 ? "gemm_f32_as_bf16" : "gemm_f32_as_u8";
            String explained = session.inspect().explain(Map.of("x", x));
            assertThat(explained.split(kernel, -1)).hasSizeGreaterThan(2);
            assertThat(session.inspect().explain()).contains("its windows are not single pixels");
        } else {
            assertThat(near).isEqualTo(exact);
        }
    }

    /** Weights in the blocks of a format are packed as they are. Rows are rounded only if that is asked for. */
    @Test
    void rowsAreRoundedForWeightsInBlocksOnlyIfThatIsAskedFor() {
        Tensor x = SmallModels.random(5, 512);
        Tensor rows = BlockRows.random(new Random(47), BlockFormat.Q4_K, 40, 512);
        BlockMatMul product = new BlockMatMul(BlockFormat.Q4_K, Activations.F32);
        GraphBuilder b = new GraphBuilder("blocks");
        Value in = b.input("x", ValueType.parse("f32[n,512]"));
        Model blocks = Model.of(b.output("y", b.add(new Relu(), b.add(product, in, b.constant("w", rows))))
                .build());
        float[] exact = relu(product, x, rows);
        assertThat(cosine(exact, blocks.predict(Map.of("x", x)).tensor().toFloatArray()))
                .isGreaterThan(0.999999);
        Session session = blocks.session(SessionOptions.standard().precision(Precision.INT8_DYNAMIC));
        float[] near = session.predict(Map.of("x", x)).tensor().toFloatArray();
        boolean rounds = has(Precision.INT8_DYNAMIC);
        float[] expected = rounds ? relu(new BlockMatMul(BlockFormat.Q4_K, Activations.Q8), x, rows) : exact;
        assertThat(cosine(expected, near)).isGreaterThan(0.999999);
        assertThat(session.inspect().explain(Map.of("x", x))).contains(rounds ? "block_gemm_s8" : "block_gemm_");
    }

    private static float[] relu(BlockMatMul product, Tensor x, Tensor rows) {
        float[] y = ((Tensor) product.reference(Operands.of(product, x, rows)).getFirst()).toFloatArray();
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.max(0, y[i]);
        }
        return y;
    }

    /** A row is computed for itself: its bits do not depend on the rows beside it. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FP32")
    void aRowHasTheSameBitsInAnyBatch(Precision precision) {
        TestData.needs(has(precision), "no kernels of " + precision, "tenon.test.every.processor");
        Session session = model.session(SessionOptions.standard().precision(precision));
        Tensor all = SmallModels.random(37, FEATURES);
        float[] together = session.predict(Map.of("x", all)).tensor().toFloatArray();
        for (int row = 0; row < 37; row++) {
            float[] one = new float[FEATURES];
            System.arraycopy(all.toFloatArray(), row * FEATURES, one, 0, FEATURES);
            float[] alone = session.predict(Map.of("x", Tensor.of(one, 1, FEATURES)))
                    .tensor()
                    .toFloatArray();
            for (int j = 0; j < OUTPUTS; j++) {
                assertThat(alone[j]).isEqualTo(together[row * OUTPUTS + j]);
            }
        }
    }

    @Test
    void contradictoryOptionsAreRefused() {
        SessionOptions strict =
                SessionOptions.standard().precision(Precision.BF16).numerics(NumericsMode.STRICT);
        assertThatThrownBy(() -> model.session(strict))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("STRICT");
        SessionOptions plain =
                SessionOptions.standard().precision(Precision.INT8_DYNAMIC).optimize(false);
        assertThatThrownBy(() -> model.session(plain))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("optimize");
        assertThat(SessionOptions.standard().precision()).isEqualTo(Precision.FP32);
        assertThat(SessionOptions.standard().precision(Precision.BF16)).isNotEqualTo(SessionOptions.standard());
    }

    private static double cosine(float[] a, float[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }
}
