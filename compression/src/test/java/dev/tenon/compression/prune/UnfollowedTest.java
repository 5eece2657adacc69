package dev.tenon.compression.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.math.Add;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GroupNormalization;
import dev.tenon.op.nn.LRN;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.recurrent.GRU;
import dev.tenon.op.recurrent.LSTM;
import dev.tenon.op.recurrent.RNN;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.shape.DepthToSpace;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Channels that an operator can't follow stay, and the report names the operator. */
class UnfollowedTest {
    private static final Attributes NONE = Attributes.none();
    private static final int WIDTH = 8;

    private static Arguments of(String name, String reason, BiFunction<Nets, Value, Value> operator) {
        return Arguments.of(name, reason, operator);
    }

    private static Value list(Nets n, long... list) {
        return n.constant(Tensor.of(list));
    }

    /** Operators on images of 8 channels that the layer {@code first} makes. */
    static List<Arguments> ofImages() {
        return List.of(
                of(
                        "ConvTranspose",
                        "op (ConvTranspose) can't follow it",
                        (n, x) -> n.node(
                                "op",
                                ConvTranspose.of(NONE.with("kernel_shape", List.of(2L, 2L))),
                                x,
                                n.constant(n.normal(8, WIDTH, 5, 2, 2)))),
                of(
                        "DepthToSpace",
                        "op (DepthToSpace) can't follow it",
                        (n, x) -> n.node("op", DepthToSpace.of(NONE.with("blocksize", 2L)), x)),
                of(
                        "GroupNormalization",
                        "op (GroupNormalization) can't follow it",
                        (n, x) -> n.node(
                                "op",
                                new GroupNormalization(2, 0.1f, DType.FLOAT32),
                                x,
                                n.constant(n.normal(1, WIDTH)),
                                n.constant(n.normal(1, WIDTH)))),
                of("LRN", "op (LRN) can't follow it", (n, x) -> n.node("op", LRN.of(NONE.with("size", 3L)), x)),
                of(
                        "LayerNormalization over all",
                        "op normalises over it",
                        (n, x) -> n.node(
                                "op",
                                LayerNormalization.of(NONE.with("axis", 1L)),
                                x,
                                n.constant(n.normal(1, WIDTH, 4, 4)),
                                n.constant(n.normal(1, WIDTH, 4, 4)))),
                of(
                        "Slice",
                        "op takes a part of it",
                        (n, x) -> n.node("op", new Slice(), x, list(n, 0), list(n, 3), list(n, 1))),
                of("Gather", "op takes elements of it", (n, x) -> n.node("op", new Gather(1), x, list(n, 1, 0))),
                of(
                        "Pad",
                        "op takes a part of it",
                        (n, x) -> n.node("op", new Pad(Pad.Mode.CONSTANT), x, list(n, 0, 1, 0, 0, 0, 0, 0, 0))),
                of(
                        "Resize by sizes",
                        "op (Resize) can't follow it",
                        (n, x) -> n.node("op", Resize.of(NONE), x, null, null, list(n, 1, WIDTH, 8, 8))),
                of("ReduceMean", "op reduces it", (n, x) -> n.node("op", new ReduceMean(true, false), x, list(n, 1))),
                of(
                        "Conv of other axes",
                        "op joins it",
                        (n, x) -> n.node(
                                "op",
                                Conv.of(NONE.with("kernel_shape", List.of(1L, 1L))),
                                n.node("order", new Transpose(List.of(0, 2, 1, 3)), x),
                                n.constant(n.normal(4, 4, 4, 1, 1)))));
    }

    /** Operators on sequences of 8 features that the layer {@code first} makes. */
    static List<Arguments> ofSequences() {
        return List.of(
                of("RNN", "op (RNN) can't follow it", (n, x) -> recurrent(n, x, 1)),
                of("GRU", "op (GRU) can't follow it", (n, x) -> recurrent(n, x, 3)),
                of("LSTM", "op (LSTM) can't follow it", (n, x) -> recurrent(n, x, 4)),
                of(
                        "Attention",
                        "op (Attention) can't follow it",
                        (n, x) -> n.node(
                                "op",
                                Attention.of(NONE.with("q_num_heads", 2L).with("kv_num_heads", 2L)),
                                x,
                                n.constant(n.normal(1, 1, 5, WIDTH)),
                                n.constant(n.normal(1, 1, 5, WIDTH)))));
    }

    private static Value recurrent(Nets n, Value x, int gates) {
        Attributes a = NONE.with("hidden_size", 3L);
        Value w = n.constant(n.normal(8, 1, gates * 3L, WIDTH));
        Value r = n.constant(n.normal(3, 1, gates * 3L, 3));
        return n.node("op", gates == 1 ? RNN.of(a) : gates == 3 ? GRU.of(a) : LSTM.of(a), x, w, r);
    }

    private static void check(Model model, String reason) {
        StepContext context = StepContext.of(null, 0);
        Model same = Prune.structured(0.5)
                .multipleOf(1)
                .leastWidth(1)
                .lastHidden(true)
                .by(Saliency.MAGNITUDE)
                .reconstruct(false)
                .apply(model, context);
        LayerReport first = context.layers().getFirst();
        assertThat(first.name()).isEqualTo("first");
        assertThat(first.kept()).isTrue();
        assertThat(first.reason()).isEqualTo("outputs stay: " + reason);
        assertThat(same).isSameAs(model);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ofImages")
    void channelsStay(String name, String reason, BiFunction<Nets, Value, Value> operator) {
        Nets n = new Nets(1);
        Value y = operator.apply(n, n.conv("first", n.input(1, 3, 4, 4), WIDTH, 1, 1));
        check(n.model(n.node("mean", new GlobalAveragePool(), y)), reason);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ofSequences")
    void featuresStay(String name, String reason, BiFunction<Nets, Value, Value> operator) {
        Nets n = new Nets(1);
        Value first = n.node("first", new MatMul(), n.input(1, 5, 6), n.constant(n.normal(6, 6, WIDTH)));
        Value y = operator.apply(n, n.node("bias", new Add(), first, n.constant(n.normal(4, WIDTH))));
        check(n.model(n.node("mean", new ReduceMean(false, false), y)), reason);
    }
}
