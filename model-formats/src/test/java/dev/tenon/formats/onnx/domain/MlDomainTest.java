package dev.tenon.formats.onnx.domain;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.graph.Graph;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MlDomainTest {
    private static AttributeProto strings(String name, String... values) {
        return AttributeProto.of(
                name,
                new AttributeValue.StringsValue(Arrays.stream(values)
                        .map(s -> MemorySegment.ofArray(s.getBytes(StandardCharsets.UTF_8)))
                        .toList()));
    }

    private static AttributeProto floats(String name, float... values) {
        return AttributeProto.of(name, new AttributeValue.FloatsValue(Scalars.ofFloats(values)));
    }

    private static AttributeProto integers(String name, long... values) {
        return attribute(name, values);
    }

    private static Graph labels(long version, DType type, AttributeProto... attributes) {
        return opset(13)
                .imports("ai.onnx.ml", version)
                .input("x", type, 3)
                .node("y = ai.onnx.ml:LabelEncoder(x)", attributes)
                .output("y")
                .read();
    }

    @Test
    void theFirstLabelEncoderGoesByPosition() {
        AttributeProto[] attributes = {
            strings("classes_strings", "a", "b"), attribute("default_int64", 9L), attribute("default_string", "?")
        };
        equal(
                run(labels(1, DType.STRING, attributes), Tensor.of(new String[] {"b", "x", "a"})),
                Tensor.of(new long[] {1, 9, 0}));
        equal(
                run(labels(1, DType.INT64, attributes), Tensor.of(new long[] {1, 2, 0})),
                Tensor.of(new String[] {"b", "?", "a"}));
        equal(
                run(labels(1, DType.INT64, strings("classes_strings", "a")), Tensor.of(new long[] {0, -1, 1})),
                Tensor.of(new String[] {"a", "_Unused", "_Unused"}));
    }

    @Test
    void theSecondLabelEncoderTakesTheFirstOfEqualKeysAndNoNaN() {
        AttributeProto[] attributes = {floats("keys_floats", 1, Float.NaN, 1), integers("values_int64s", 10, 20, 30)};
        Tensor x = Tensor.of(new float[] {1, Float.NaN, 2});
        for (long version : new long[] {2, 3}) {
            equal(run(labels(version, DType.FLOAT32, attributes), x), Tensor.of(new long[] {10, -1, -1}));
        }
        equal(run(labels(4, DType.FLOAT32, attributes), x), Tensor.of(new long[] {30, 20, -1}));
    }

    @Test
    void keysWithoutAsManyValuesAreRefused() {
        assertThatThrownBy(() -> labels(2, DType.STRING, strings("keys_strings", "a"), integers("values_int64s")))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("as many of each");
    }

    @Test
    void aLinearClassifierReadsTheCoefficientsOfItsColumns() {
        // Two columns and two classes: 1 2 and 3 4. Nothing reads 9 9.
        Graph graph = opset(13)
                .imports("ai.onnx.ml", 1)
                .input("x", DType.FLOAT32, 1, 2)
                .node(
                        "y, z = ai.onnx.ml:LinearClassifier(x)",
                        floats("coefficients", 1, 2, 3, 4, 9, 9),
                        floats("intercepts", 0.5f, 0),
                        integers("classlabels_ints", 5, 6))
                .output("z")
                .read();
        equal(run(graph, Tensor.of(new float[] {1, 10}, 1, 2)), Tensor.of(new float[] {21.5f, 43}, 1, 2));
    }
}
