package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs that have a default value in the file. A call may give another value. */
class OptionalInputTest {
    private static final Tensor X = Tensor.of(new float[] {1, 2});

    private static OnnxFile file() {
        return OnnxFile.graph("line")
                .input("x", "f32[2]")
                .input("slope", "f32[n]")
                .input("offset", "f32[]")
                .initializer("slope", Tensor.of(new float[] {3}))
                .initializer("offset", Tensor.scalar(10f))
                .initializer("one", Tensor.scalar(1f))
                .node("Mul", List.of("x", "slope"), List.of("product"))
                .node("Add", List.of("product", "offset"), List.of("sum"))
                .node("Sub", List.of("sum", "one"), List.of("y"))
                .output("y", "f32[2]");
    }

    private static Model model(OnnxFile file) {
        return Model.load(ByteBuffer.wrap(file.bytes()));
    }

    private static void check(Model model, Map<String, Tensor> more, float... expected) {
        Map<String, Tensor> inputs = new LinkedHashMap<>(more);
        inputs.put("x", X);
        assertThat(model.predict(inputs).tensor("y").toFloatArray()).containsExactly(expected);
    }

    @Test
    void theModelShowsItsOptionalInputs() {
        Model model = model(file());
        assertThat(model.inputs()).extracting(ValueInfo::name).containsExactly("x");
        assertThat(model.optionalInputs())
                .extracting(ValueInfo::toString)
                .containsExactly("slope: f32[n]", "offset: f32[]");
        assertThat(model.toString()).contains("input x: f32[2]\n", "input slope: f32[n], optional\n");
    }

    @Test
    void eachCallHasTheValuesThatItGives() {
        Model model = model(file());
        check(model, Map.of(), 12, 15);
        check(model, Map.of("slope", Tensor.of(new float[] {-1, 1})), 8, 11);
        check(model, Map.of("offset", Tensor.scalar(0f)), 2, 5);
        check(model, Map.of("offset", Tensor.scalar(1f), "slope", Tensor.of(new float[] {2})), 2, 4);
        check(model, Map.of("slope", Tensor.of(new float[] {5})), 14, 19);
        check(model, Map.of(), 12, 15);
    }

    @Test
    void outputsMayBeGivenToo() {
        Tensor y = Tensor.of(new float[2]);
        model(file()).session().predict(Map.of("x", X, "offset", Tensor.scalar(1f)), Map.of("y", y));
        assertThat(y.toFloatArray()).containsExactly(3, 6);
    }

    @Test
    void valuesOfAnotherTypeAreRefused() {
        Model model = model(file());
        assertThatThrownBy(() -> check(model, Map.of("offset", Tensor.scalar(1.0))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input 'offset'")
                .hasMessageContaining("f32[]");
        assertThatThrownBy(() -> check(model, Map.of("one", Tensor.scalar(1f))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input 'one'");
    }

    @Test
    void inputsWithADefaultAreNotOptionalInOldVersionsOfTheFormat() {
        Model model = model(file().format(3));
        assertThat(model.optionalInputs()).isEmpty();
        check(model, Map.of(), 12, 15);
        assertThatThrownBy(() -> check(model, Map.of("offset", Tensor.scalar(0f))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no such input");
    }

    @Test
    void anInputThatAnOperatorNeedsAsAConstantCanNotBeGiven() {
        OnnxFile file = OnnxFile.graph("packed")
                .imports("com.microsoft", 1)
                .input("a", "f32[1,16]")
                .input("b", "u8[1,1,8]")
                .initializer("b", Tensor.allocate(DType.UINT8, 1, 1, 8))
                .initializer("s", Tensor.of(new float[] {1}))
                .node(
                        "com.microsoft",
                        "MatMulNBits",
                        List.of("a", "b", "s"),
                        List.of("y"),
                        OnnxFile.number("N", 1),
                        OnnxFile.number("K", 16),
                        OnnxFile.number("bits", 4),
                        OnnxFile.number("block_size", 16))
                .output("y", "f32[1,1]");
        Model model = model(file);
        Tensor a = Tensor.of(new float[16], 1, 16);
        assertThat(model.predict(Map.of("a", a)).tensor("y").getFloat(0)).isZero();
        Tensor b = Tensor.allocate(DType.UINT8, 1, 1, 8);
        assertThatThrownBy(() -> model.predict(Map.of("a", a, "b", b)))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("not constant");
    }

    @Test
    void aSavedModelKeepsTheDefaults(@TempDir Path folder) {
        Path path = folder.resolve("line.onnx");
        model(file()).save(path);
        Model again = Model.load(path);
        assertThat(again.optionalInputs()).isEmpty();
        check(again, Map.of(), 12, 15);
    }
}
