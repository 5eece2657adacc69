package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.InstructionSet;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Literals;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that store weights in 16 bits, or compute in them. */
@Tag("tiers")
class HalfModelsTest {
    private static final int ROWS = 5;

    private static final String STORED = """
            graph (%%x: f32[n,96]) {
              %%a = const %1$s[96,128] @a
              %%b = const %1$s[40,128] @b
              %%wide = Cast<to=1>(%%a)
              %%tall = Cast<to=1>(%%b)
              %%h = MatMul(%%x, %%wide)
              %%r = Relu(%%h)
              %%y = Gemm<transB=1>(%%r, %%tall)
              return %%y
            }
            """;

    private static final String COMPUTING = """
            graph (%%x: %1$s[n,96]) {
              %%a = const %1$s[96,128] @a
              %%b = const %1$s[40,128] @b
              %%h = MatMul(%%x, %%a)
              %%r = Relu(%%h)
              %%y = Gemm<transB=1>(%%r, %%b)
              return %%y
            }
            """;

    private static Tensor numbers(DType type, long... dims) {
        Random random = new Random(dims[0]);
        return Literals.normal(random, 1, type, dims);
    }

    private static Tensor weights(DType type, String name) {
        return name.equals("a") ? numbers(type, 96, 128) : numbers(type, 40, 128);
    }

    private static Graph graph(String text, Function<String, Tensor> constants) {
        return GraphText.parse(text, StandardOperators.set(), constants);
    }

    private static Model model(String text, DType type) {
        return Model.of(graph(text.formatted(type.text()), name -> weights(type, name)));
    }

    /** The model with the same weights in float32. */
    private static Model exact(DType type) {
        String text = STORED.formatted("f32")
                .replace("%wide = Cast<to=1>(%a)", "%wide = Identity(%a)")
                .replace("%tall = Cast<to=1>(%b)", "%tall = Identity(%b)");
        return Model.of(graph(text, name -> weights(type, name).widened().copy()));
    }

    private static boolean hasMachineCode() {
        return Tenon.tiers().capabilities().instructions().contains(InstructionSet.AVX2);
    }

    private static Tensor result(Session session, Tensor x) {
        return session.predict(Map.of("x", x)).tensor();
    }

    @ParameterizedTest
    @CsvSource({"FLOAT16", "BFLOAT16"})
    void storedWeightsGiveTheBitsOfFloat32(DType type) {
        for (int rows : new int[] {1, ROWS, 60}) {
            Tensor x = SmallModels.random(rows, 96);
            Tensor expected = result(exact(type).session(SessionOptions.standard()), x);
            Session session = model(STORED, type).session(SessionOptions.standard());
            assertThat(result(session, x).contentEquals(expected))
                    .as("%d rows", rows)
                    .isTrue();
            String explained = session.inspect().explain(Map.of("x", x));
            assertThat(explained.contains("gemm_f32" + type.text() + "_")).isEqualTo(hasMachineCode());
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT16", "BFLOAT16"})
    void packagesKeepThe16Bits(DType type, @TempDir Path folder) {
        Tensor x = SmallModels.random(ROWS, 96);
        Session session = model(STORED, type).session(SessionOptions.standard());
        Path file = folder.resolve("model.tenon");
        session.save(file);
        Session read = Model.load(file).session(SessionOptions.standard());
        assertThat(result(read, x).contentEquals(result(session, x))).isTrue();
        assertThat(read.inspect().explain(Map.of("x", x)).contains("gemm_f32" + type.text() + "_"))
                .isEqualTo(hasMachineCode());
    }

    @ParameterizedTest
    @CsvSource({"FLOAT16", "BFLOAT16"})
    void arithmeticOf16BitsIsFloat32WithOneRoundingAtTheEnd(DType type) {
        Tensor x = numbers(type, ROWS, 96);
        Tensor found = result(model(COMPUTING, type).session(SessionOptions.standard()), x);
        assertThat(found.dtype()).isEqualTo(type);
        Tensor wide = result(
                exact(type).session(SessionOptions.standard()), x.widened().copy());
        Tensor rounded = Tensor.allocate(type, wide.dims());
        for (long i = 0; i < wide.size(); i++) {
            rounded.setDouble(i, wide.getFloat(i));
        }
        assertThat(found.contentEquals(rounded)).isTrue();
    }

    /** Strict sessions round after every node, as the model says. */
    @Test
    void strictSessionsRoundEverywhere() {
        Tensor x = numbers(DType.FLOAT16, ROWS, 96);
        Model model = model(COMPUTING, DType.FLOAT16);
        Tensor strict = result(model.session(SessionOptions.standard().numerics(NumericsMode.STRICT)), x);
        Tensor standard = result(model.session(SessionOptions.standard()), x);
        assertThat(strict.contentEquals(standard)).isFalse();
        for (long i = 0; i < strict.size(); i++) {
            assertThat(Math.abs(strict.getFloat(i) - standard.getFloat(i))).isLessThan(0.5f);
        }
    }
}
