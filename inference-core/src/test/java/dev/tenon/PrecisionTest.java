package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.asm.InstructionSet;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.kernel.Capabilities;
import dev.tenon.tensor.Tensor;
import java.util.Map;
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
    @EnumSource(names = {"BF16", "INT8_DYNAMIC"})
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

    /** A row is computed for itself: its bits do not depend on the rows beside it. */
    @ParameterizedTest
    @EnumSource(names = {"BF16", "INT8_DYNAMIC"})
    void aRowHasTheSameBitsInAnyBatch(Precision precision) {
        Session session = model.session(SessionOptions.standard().precision(precision));
        Tensor all = SmallModels.random(37, FEATURES);
        float[] together = session.predict(Map.of("x", all)).tensor().toFloatArray();
        if (!has(precision)) {
            return;
        }
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
