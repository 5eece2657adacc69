package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.op.Numerics;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A class that can't be initialised switches its tier off, for this JVM, which needs the vector tier. */
@Tag("fresh")
@Tag("vector")
class RetiredTierTest {
    private static final Map<String, Datum> INPUTS = Map.of("x", SmallModels.random(5, 16));

    private static NoClassDefFoundError broken(String type) {
        return new NoClassDefFoundError("Could not initialize class " + type);
    }

    @Test
    void sessionsGoOnWithTheTiersThatAreLeft() {
        Session s = SmallModels.perceptron().session();
        Tensor before = s.predict(INPUTS).tensor();
        assertThat(Tenon.tiers().capabilities().vectorBits()).isPositive();

        assertThat(JvmErrors.typed("call", broken("dev.tenon.kernel.vector.gemm.VectorGemm")))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("VectorGemm")
                .hasMessageContaining("the tier 'vector' is off from now on");
        assertThat(Tenon.tiers().capabilities().vectorBits()).isZero();
        assertThat(Tenon.describe()).contains("Could not initialize class");
        assertClose(s.predict(INPUTS).tensor(), before);

        assertThat(JvmErrors.typed("call", broken("dev.tenon.kernel.x64.gemm.X64FloatGemm")))
                .hasMessageContaining("'assembled'");
        assertThat(Tenon.tiers().capabilities().instructions()).isEmpty();
        assertClose(s.predict(INPUTS).tensor(), before);
        assertClose(SmallModels.perceptron().predict(INPUTS).tensor(), before);

        int retired = Tenon.retired();
        assertThat(JvmErrors.typed("call", broken("dev.tenon.kernel.scalar.gemm.ScalarGemm")))
                .hasMessageContaining("restart the JVM");
        assertThat(Tenon.retired()).isEqualTo(retired);
    }

    private static void assertClose(Tensor found, Tensor expected) {
        Closeness.check("y", found, expected, null, Numerics.sum(64));
    }
}
