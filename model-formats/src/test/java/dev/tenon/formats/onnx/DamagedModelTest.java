package dev.tenon.formats.onnx;

import static dev.tenon.formats.onnx.OnnxModelBuilder.attribute;
import static dev.tenon.formats.onnx.OnnxModelBuilder.function;
import static dev.tenon.formats.onnx.OnnxModelBuilder.nodeProto;
import static dev.tenon.formats.onnx.OnnxModelBuilder.opset;
import static dev.tenon.formats.onnx.OnnxModelBuilder.reference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.onnx.data.OnnxTensors;
import dev.tenon.formats.onnx.proto.AttributeType;
import dev.tenon.formats.onnx.proto.SparseTensorProto;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Damage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A file of any bytes gives a model or a typed exception. */
class DamagedModelTest {
    /** A small model with bodies, a loop, a function, attributes and several kinds of constants. */
    private static byte[] sample() {
        OnnxModelBuilder then = OnnxModelBuilder.body("t").node("p = Mul(h, w)").output("p");
        OnnxModelBuilder otherwise =
                OnnxModelBuilder.body("e").node("p = Neg(h)").output("p");
        OnnxModelBuilder body = OnnxModelBuilder.body("b")
                .input("i", DType.INT64)
                .input("g", DType.BOOL)
                .input("v", DType.FLOAT32, "k", 2)
                .node("u = Add(v, z)")
                .output("g")
                .output("u")
                .output("i");
        SparseTensorProto sparse = new SparseTensorProto(
                OnnxTensors.toProto("z", Tensor.of(new float[] {5})),
                OnnxTensors.toProto("", Tensor.of(new long[] {1})),
                List.of(2L));
        return opset(12)
                .imports("local", 1)
                .input("x", DType.FLOAT32, "n", 4)
                .input("c", DType.BOOL)
                .initializer("w", Tensor.of(new float[] {2, 3}))
                .initializer("n", Tensor.scalar(2L))
                .initializer(sparse)
                .function(function(
                        "F",
                        "a",
                        "b",
                        List.of("q"),
                        List.of(attribute("q", 1)),
                        nodeProto("b = Softmax(a)", reference("axis", "q", AttributeType.INT))))
                .node("h, = Split(x)", attribute("axis", 1), attribute("split", new long[] {2, 2}))
                .node("y = If(c)", attribute("then_branch", then), attribute("else_branch", otherwise))
                .node("l, s = Loop(n, , y)", attribute("body", body))
                .node("f = local:F(l)")
                .node("k = Constant()", attribute("value", Tensor.of(new long[] {1, 0})))
                .node("r = Gather(f, k)", attribute("axis", 1))
                .node("q = Reshape(r, k)")
                .output("r")
                .output("s")
                .bytes();
    }

    private static String escaping(byte[] bytes) {
        try {
            OnnxModelBuilder.read(bytes, ExternalData.none(), Limits.standard());
            return null;
        } catch (TenonException e) {
            return e.getMessage().isEmpty() ? "an exception without a message" : null;
        } catch (RuntimeException | Error e) {
            return e.toString();
        }
    }

    @Test
    void theSampleIsAModel() {
        assertThat(OnnxModelBuilder.read(sample(), ExternalData.none(), Limits.standard())
                        .graph()
                        .outputs())
                .hasSize(2);
    }

    private static void escaping(String damage, byte[] damaged, List<String> escaped) {
        String found = escaping(damaged);
        if (found != null) {
            escaped.add(damage + ": " + found);
        }
    }

    @Test
    void anyDamageGivesAModelOrATypedException() {
        List<String> escaped = new ArrayList<>();
        Damage.flips(sample(), 1, (damage, file) -> escaping(damage, file, escaped));
        Damage.replacements(sample(), (damage, file) -> escaping(damage, file, escaped));
        Damage.truncations(sample(), (damage, file) -> escaping(damage, file, escaped));
        Damage.removals(sample(), (damage, file) -> escaping(damage, file, escaped));
        assertThat(escaped).isEmpty();
    }

    /** The encoding of graphs that are nested in attributes of nodes, made from the inside out. */
    private static byte[] nested(int levels) {
        byte[] bytes = new byte[levels * 64 + 64];
        int[] at = {bytes.length};
        for (int i = 0; i < levels; i++) {
            wrap(bytes, at, 6);
            prepend(bytes, at, new byte[] {0x0A, 1, 'g'});
            wrap(bytes, at, 5);
            prepend(bytes, at, new byte[] {0x22, 2, 'I', 'f'});
            wrap(bytes, at, 1);
        }
        wrap(bytes, at, 7);
        prepend(bytes, at, new byte[] {0x08, 8});
        return Arrays.copyOfRange(bytes, at[0], bytes.length);
    }

    private static void wrap(byte[] bytes, int[] at, int field) {
        int length = bytes.length - at[0];
        byte[] header = new byte[6];
        int n = 0;
        header[n++] = (byte) (field << 3 | 2);
        while (length >= 0x80) {
            header[n++] = (byte) (length & 0x7F | 0x80);
            length >>= 7;
        }
        header[n++] = (byte) length;
        prepend(bytes, at, Arrays.copyOf(header, n));
    }

    private static void prepend(byte[] bytes, int[] at, byte[] part) {
        at[0] -= part.length;
        System.arraycopy(part, 0, bytes, at[0], part.length);
    }

    @Test
    void graphsNestedTenThousandDeepAreRefused() {
        assertThatThrownBy(() -> OnnxModelBuilder.read(nested(10_000), ExternalData.none(), Limits.standard()))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("nesting");
    }

    @Test
    void bodiesThatAreLoweredAgainAndAgainAreBounded() {
        OnnxModelBuilder inner = OnnxModelBuilder.body("inner")
                .input("i", DType.INT64)
                .input("g", DType.BOOL)
                .input("v", DType.FLOAT32, "k")
                .node("u = Concat(v, v)", attribute("axis", 0))
                .output("g")
                .output("u");
        for (int i = 0; i < 30; i++) {
            inner = OnnxModelBuilder.body("level " + i)
                    .input("i", DType.INT64)
                    .input("g", DType.BOOL)
                    .input("v", DType.FLOAT32, "k")
                    .node("u = Loop(i, , v)", attribute("body", inner))
                    .output("g")
                    .output("u");
        }
        OnnxModelBuilder model = opset(21)
                .input("x", DType.FLOAT32, 1)
                .initializer("n", Tensor.scalar(2L))
                .node("y = Loop(n, , x)", attribute("body", inner))
                .output("y");
        Limits limits = Limits.standard().maxRecords(20_000);
        assertThatThrownBy(() -> model.read(limits))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxRecords");
    }

    @Test
    void filesOfOtherFormatsAreRefused() {
        for (String text : List.of("", "PK\003\004", "{\"model\": 1}", "#!/bin/sh\n", "\0\0\0\0\0\0\0\0")) {
            assertThat(escaping(text.getBytes(StandardCharsets.ISO_8859_1)))
                    .as(text)
                    .isNull();
            assertThatThrownBy(() -> OnnxModelBuilder.read(
                            text.getBytes(StandardCharsets.ISO_8859_1), ExternalData.none(), Limits.standard()))
                    .isInstanceOf(TenonException.class);
        }
    }
}
