package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InterruptedPredictionException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeType;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.tensor.Tensor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Models that take long to load, and the limits of loading. */
class LoadingWorkTest {
    /** A processor does this in a few seconds. */
    private static final LoadOptions FEW = LoadOptions.standard().maxOperations(4_000_000_000L);

    private static Model load(OnnxFile file, LoadOptions options) {
        return Model.load(ByteBuffer.wrap(file.bytes()), options);
    }

    /** A file of two functions of some nodes, in which the main graph calls one and this one calls the other. */
    private static OnnxFile calls(int nodes, OnnxFile inner, String output) {
        OnnxFile outer = OnnxFile.graph("outer")
                .input("a", "f32[2]")
                .node("Neg", List.of("a"), List.of("r"))
                .output("r");
        OnnxFile main = OnnxFile.graph("calls").input("x", "f32[2]").imports(OnnxFile.LOCAL, 1);
        for (int i = 0; i < nodes; i++) {
            outer.node(OnnxFile.LOCAL, "inner", List.of("a"), List.of(output + i));
            main.node(OnnxFile.LOCAL, "outer", List.of("x"), List.of("y" + i));
        }
        outer.imports(OnnxFile.LOCAL, 1);
        return main.output("y0").function(inner, List.of()).function(outer, List.of());
    }

    @Test
    void functionsWhoseNodesHaveNoOutputsAreCounted() {
        OnnxFile inner = OnnxFile.graph("inner")
                .input("a", "f32[2]")
                .node("Neg", List.of("a"), List.of("t"))
                .output("t");
        for (int i = 0; i < 3000; i++) {
            inner.sink("Neg", List.of("a"));
        }
        assertThat(Typed.failure(() -> load(calls(1000, inner, "t"), FEW)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("expand to more than")
                .hasMessageContaining("Limits.maxRecords");
    }

    @Test
    void operatorSetsOfAFunctionAreReadOnce() {
        OnnxFile inner = OnnxFile.graph("inner")
                .input("a", "f32[2]")
                .node("Neg", List.of("a"), List.of("t"))
                .output("t");
        for (int i = 0; i < 3000; i++) {
            inner.imports("domain" + i, 1);
        }
        assertThat(Typed.failureOrNull(() -> load(calls(120, inner, "t"), FEW))).isNull();
    }

    /** Each node of a function takes the long text that its call gives. */
    @Test
    void attributesThatManyNodesReferToAreCounted() {
        OnnxFile inner = OnnxFile.graph("inner").input("a", "f32[2]");
        AttributeProto reference =
                new AttributeProto("text", "given", "", AttributeType.STRING, new AttributeValue.NoValue());
        for (int i = 0; i < 5000; i++) {
            inner.node("Neg", List.of("a"), List.of("t" + i), reference);
        }
        OnnxFile file = OnnxFile.graph("texts")
                .input("x", "f32[2]")
                .imports(OnnxFile.LOCAL, 1)
                .node(
                        OnnxFile.LOCAL,
                        "inner",
                        List.of("x"),
                        List.of("y"),
                        OnnxFile.attribute("given", "a".repeat(4_000_000)))
                .output("y")
                .function(inner.output("t0"), List.of("given"));
        assertThat(Typed.failure(() -> load(file, FEW)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("Limits.maxRecords");
    }

    /** Vectors of thousands of polynomials, which grow with each node. */
    @Test
    void productsOfSymbolicVectors() {
        OnnxFile file = OnnxFile.graph("polynomials")
                .input("x", "f32[a,b,c,d]")
                .initializer("many", Tensor.of(new long[] {4096}));
        file.initializer("one", Tensor.of(new long[] {1}));
        file.node("Shape", List.of("x"), List.of("s"));
        file.node("ReduceSum", List.of("s"), List.of("sum"), OnnxFile.number("keepdims", 1));
        file.node("Expand", List.of("sum", "many"), List.of("v0"));
        for (int i = 0; i < 40; i++) {
            file.node("Add", List.of("v" + i, "one"), List.of("w" + i));
            file.node("Mul", List.of("v" + i, "w" + i), List.of("v" + (i + 1)));
        }
        OnnxFile whole = file.node("Identity", List.of("v40"), List.of("y")).output("y");
        assertThat(Typed.failureOrNull(() -> load(whole, FEW))).isNull();
    }

    /** Maxima of hundreds of symbols, which are not all compared with each other. */
    @Test
    void maximaOfManySymbols() {
        OnnxFile file = OnnxFile.graph("maxima");
        List<String> sizes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            file.input("x" + i, "f32[s" + i + "]").node("Shape", List.of("x" + i), List.of("n" + i));
            sizes.add("n" + i);
        }
        OnnxFile whole = file.node("Max", sizes, List.of("y")).output("y");
        assertThat(Typed.failureOrNull(() -> load(whole, FEW))).isNull();
    }

    @Test
    void theTimeLimitEndsLoading() {
        OnnxFile file = OnnxFile.graph("chain").input("v0", "f32[2]");
        for (int i = 0; i < 2000; i++) {
            file.node("Neg", List.of("v" + i), List.of("v" + (i + 1)));
        }
        TenonException e = Typed.failure(
                () -> load(file.output("v2000"), LoadOptions.standard().timeLimit(Duration.ZERO)));
        assertThat(e)
                .isInstanceOf(InterruptedPredictionException.class)
                .hasMessageContaining("loading model from a buffer")
                .hasMessageContaining("operations")
                .hasMessageContaining("LoadOptions.timeLimit");
    }

    @Test
    void theOperationsAreBounded() {
        assertThat(Typed.failure(() -> Model.load(
                        ByteBuffer.wrap(SmallModels.doubleFile()),
                        LoadOptions.standard().maxOperations(1))))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("LoadOptions.maxOperations");
        assertThatThrownBy(() -> LoadOptions.standard().maxOperations(0)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> LoadOptions.standard().timeLimit(Duration.ofMillis(-1)))
                .isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void anInterruptEndsLoading() {
        byte[] file = SmallModels.doubleFile();
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> Model.load(ByteBuffer.wrap(file)))
                    .isInstanceOf(InterruptedPredictionException.class)
                    .hasMessageContaining("loading");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
