package dev.tenon.compression.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.prune.ChannelFamilies.Channel;
import dev.tenon.compression.prune.ChannelFamilies.Family;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Erf;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.PRelu;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.CumSum;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Transpose;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A network without a channel computes what the whole network does when no layer looks at the channel. That holds for every
 * channel that may go away, and for many at once.
 */
class ShrinkingTest {
    private static final Attributes NONE = Attributes.none();

    /** The layers of a network, and the number of channels that may go away for each set of layers that make them. */
    private static Map<String, Integer> check(long[] dims, BiFunction<Nets, Value, Value> net) throws OrtException {
        Nets nets = new Nets(7);
        long[] batch = dims.clone();
        batch[0] = -1;
        Model model = nets.model(net.apply(nets, nets.input(batch)));
        AxisIndices axes = AxisIndices.of(model.graph());
        ChannelFamilies channels = ChannelFamilies.of(model.graph(), axes, LayerFilter.all(), true);
        List<Channel> many = new ArrayList<>();
        for (Family family : channels.families()) {
            for (int c = 0; c < family.channels().size(); c++) {
                if (c % 3 != 1 && many.size() < 1000 && c < family.channels().size() - 1) {
                    many.add(family.channels().get(c));
                }
            }
            ChannelRemoval.check(model, axes, List.of(family.channels().getFirst()), dims);
        }
        Model smaller = ChannelRemoval.check(model, axes, many, dims);
        Nets.checkInOnnxRuntime(smaller, Nets.calls(9, 1, dims).getFirst());
        return channels.families().stream()
                .collect(Collectors.toMap(
                        f -> f.makers().stream().map(LinearLayer::name).collect(Collectors.joining(" ")),
                        f -> f.channels().size()));
    }

    @Test
    void normalizationsBiasesAndSlopesFollow() throws OrtException {
        assertThat(check(new long[] {2, 3, 8, 8}, (n, x) -> {
                    Value a = n.conv("conv1", x, 6, 3, 1);
                    Value b = n.node(
                            "bn",
                            BatchNormalization.of(NONE),
                            a,
                            n.constant(n.normal(1, 6)),
                            n.constant(n.normal(1, 6)),
                            n.constant(n.normal(1, 6)),
                            n.constant(Tensor.of(new float[] {1, 2, 3, 4, 5, 6})));
                    Value c = n.node("prelu", new PRelu(), b, n.constant(n.normal(1, 6, 1, 1)));
                    Value d = n.node(
                            "pool",
                            MaxPool.of(
                                    NONE.with("kernel_shape", List.of(2L, 2L)).with("strides", List.of(2L, 2L))),
                            c);
                    Value e = n.conv("conv2", d, 5, 3, 1);
                    Value f = n.node("flat", new Flatten(1), n.node("relu", new Relu(), e));
                    return n.node(
                            "fc",
                            new Gemm(1, 1, false, true),
                            f,
                            n.constant(n.normal(80, 4, 80)),
                            n.constant(n.normal(1, 4)));
                }))
                .isEqualTo(Map.of("conv1", 6, "conv2", 5));
    }

    @Test
    void sumsTieWhatTheyAdd() throws OrtException {
        assertThat(check(new long[] {1, 3, 6, 6}, (n, x) -> {
                    Value a = n.node("relu1", new Relu(), n.conv("stem", x, 8, 3, 1));
                    Value b = n.node("relu2", new Relu(), n.conv("inner", a, 6, 3, 1));
                    Value c = n.node("sum", new Add(), a, n.conv("outer", b, 8, 3, 1));
                    return n.conv("last", n.node("relu3", new Relu(), c), 2, 1, 1);
                }))
                .isEqualTo(Map.of("stem outer", 8, "inner", 6));
    }

    @Test
    void depthwiseAndSqueezeExciteFollow() throws OrtException {
        assertThat(check(new long[] {1, 3, 6, 6}, (n, x) -> {
                    Value a = n.node("act1", new HardSwish(), n.conv("expand", x, 8, 1, 1));
                    Value b = n.node("act2", new HardSwish(), n.conv("depthwise", a, 8, 3, 8));
                    Value p = n.node("mean", new GlobalAveragePool(), b);
                    Value q = n.node("act3", new Relu(), n.conv("squeeze", p, 4, 1, 1));
                    Value s = n.node("gate", new Sigmoid(), n.conv("excite", q, 8, 1, 1));
                    return n.conv("project", n.node("scaled", new Mul(), b, s), 3, 1, 1);
                }))
                .isEqualTo(Map.of("expand depthwise excite", 8, "squeeze", 4));
    }

    @Test
    void groupsGoAwayWhole() throws OrtException {
        assertThat(check(new long[] {1, 3, 5, 5}, (n, x) -> {
                    Value a = n.node("relu1", new Relu(), n.conv("conv1", x, 8, 1, 1));
                    Value b = n.node("relu2", new Relu(), n.conv("grouped", a, 12, 3, 4));
                    return n.conv("conv2", b, 3, 1, 1);
                }))
                .isEqualTo(Map.of("conv1 grouped", 4));
    }

    @Test
    void concatenationsAndPartsKeepTheirPlaces() throws OrtException {
        assertThat(check(new long[] {1, 3, 5, 5}, (n, x) -> {
                    Value a = n.node("relu1", new Relu(), n.conv("conv1", x, 4, 1, 1));
                    Value b = n.node("relu2", new Relu(), n.conv("conv2", x, 6, 3, 1));
                    Value both = n.node("both", new Concat(1), a, n.constant(n.normal(1, 1, 2, 5, 5)), b);
                    Value c = n.conv("conv3", both, 9, 1, 1);
                    List<Value> parts = n.builder()
                            .add(
                                    new Split(1, 0),
                                    "parts",
                                    List.of(c, n.constant(Tensor.of(new long[] {5, 4}))),
                                    List.of("part1", "part2"));
                    Value d = n.conv("conv4", n.node("relu3", new Relu(), parts.get(0)), 3, 1, 1);
                    Value e = n.conv("conv5", n.node("relu4", new Relu(), parts.get(1)), 3, 1, 1);
                    return n.node("sum", new Add(), d, e);
                }))
                .isEqualTo(Map.of("conv1", 4, "conv2", 6, "conv3", 9));
    }

    @Test
    void channelsLastAndProductsOfTokensFollow() throws OrtException {
        assertThat(check(new long[] {1, 4, 3, 2}, (n, x) -> {
                    Value a = n.conv("conv", x, 6, 1, 1);
                    Value t = n.node("last", new Transpose(List.of(0, 2, 3, 1)), a);
                    Value r = n.node("tokens", new Reshape(false), t, n.constant(Tensor.of(new long[] {0, 6, 6})));
                    Value u = n.node("up", new MatMul(), r, n.constant(n.normal(6, 6, 10)));
                    Value b = n.node("bias", new Add(), u, n.constant(n.normal(1, 10)));
                    Value g = n.node("erf", new Erf(), b);
                    Value d = n.node("down", new MatMul(), g, n.constant(n.normal(10, 10, 5)));
                    Value f = n.node("flat", new Reshape(false), d, n.constant(Tensor.of(new long[] {0, -1})));
                    return n.node("out", new MatMul(), f, n.constant(n.normal(30, 30, 3)));
                }))
                .isEqualTo(Map.of("conv", 6, "up", 10, "down", 5));
    }

    @Test
    void headsGoAwayWhole() throws OrtException {
        assertThat(check(new long[] {1, 5, 12}, (n, x) -> {
                    Value q = heads(n, "q", x, List.of(0, 2, 1, 3));
                    Value k = heads(n, "k", x, List.of(0, 2, 3, 1));
                    Value v = heads(n, "v", x, List.of(0, 2, 1, 3));
                    Value s = n.node("weights", new Softmax(-1), n.node("scores", new MatMul(), q, k));
                    Value o = n.node("mixed", new Transpose(List.of(0, 2, 1, 3)), n.node("mix", new MatMul(), s, v));
                    Value j = n.node("joined", new Reshape(false), o, n.constant(Tensor.of(new long[] {0, 5, 12})));
                    return n.node("out", new MatMul(), j, n.constant(n.normal(12, 12, 7)));
                }))
                .isEqualTo(Map.of("q k v", 4));
    }

    @Test
    void headsOfPackedProductsGoAwayWhole() throws OrtException {
        assertThat(check(new long[] {1, 5, 12}, (n, x) -> {
                    Value p = n.node("qkv", new MatMul(), x, n.constant(n.normal(12, 12, 24)));
                    Value b = n.node("bias", new Add(), p, n.constant(n.normal(4, 24)));
                    Value r = n.node("parts", new Reshape(false), b, n.constant(Tensor.of(new long[] {0, 5, 3, 4, 2})));
                    Value t = n.node("order", new Transpose(List.of(2, 0, 3, 1, 4)), r);
                    List<Value> qkv = n.builder().add(new Split(0, 3), "split", List.of(t), List.of("q3", "k3", "v3"));
                    Value axis = n.constant(Tensor.of(new long[] {0}));
                    Value q = n.node("q", new Squeeze(), qkv.get(0), axis);
                    Value k = n.node(
                            "k", new Transpose(List.of(0, 1, 3, 2)), n.node("k4", new Squeeze(), qkv.get(1), axis));
                    Value v = n.node("v", new Squeeze(), qkv.get(2), axis);
                    Value s = n.node("weights", new Softmax(-1), n.node("scores", new MatMul(), q, k));
                    Value o = n.node("mixed", new Transpose(List.of(0, 2, 1, 3)), n.node("mix", new MatMul(), s, v));
                    Value j = n.node("joined", new Reshape(false), o, n.constant(Tensor.of(new long[] {0, 5, 8})));
                    return n.node("out", new MatMul(), j, n.constant(n.normal(8, 8, 7)));
                }))
                .isEqualTo(Map.of("qkv", 4));
    }

    private static Value heads(Nets n, String name, Value x, List<Integer> order) {
        Value p = n.node(name, new MatMul(), x, n.constant(n.normal(12, 12, 12)));
        Value b = n.node(name + "_bias", new Add(), p, n.constant(n.normal(4, 12)));
        Value r = n.node(name + "_heads", new Reshape(false), b, n.constant(Tensor.of(new long[] {0, 0, 4, 3})));
        return n.node(name + "_order", new Transpose(order), r);
    }

    /** Reasons name what stands in the way. */
    @Test
    void whatCanNotBeFollowedStays() {
        Nets n = new Nets(3);
        Value x = n.input(-1, 6);
        Value a = n.node("p1", new MatMul(), x, n.constant(n.normal(6, 6, 8)));
        Value b =
                n.node("norm", LayerNormalization.of(NONE), a, n.constant(n.normal(1, 8)), n.constant(n.normal(1, 8)));
        Value c = n.node("p2", new MatMul(), b, n.constant(n.normal(8, 8, 9)));
        Value d = n.node("sums", CumSum.of(NONE), c, n.constant(Tensor.scalar(1L)));
        Model model = n.model(n.node("p3", new MatMul(), d, n.constant(n.normal(9, 9, 4))));
        AxisIndices axes = AxisIndices.of(model.graph());
        ChannelFamilies channels = ChannelFamilies.of(model.graph(), axes, LayerFilter.all(), true);
        assertThat(channels.families()).isEmpty();
        assertThat(channels.left().values())
                .containsExactly(
                        "norm normalises over it", "sums (CumSum) can't follow it", "it is an output of the model");
    }

    @Test
    void layersThatAreNotChosenKeepTheirOutputs() {
        Nets n = new Nets(4);
        Value x = n.input(-1, 3, 4, 4);
        Value a = n.node("relu1", new Relu(), n.conv("conv1", x, 4, 1, 1));
        Value b = n.node("relu2", new Relu(), n.conv("conv2", a, 4, 1, 1));
        Model model = n.model(n.conv("conv3", b, 2, 1, 1));
        ChannelFamilies channels = ChannelFamilies.of(
                model.graph(), AxisIndices.of(model.graph()), LayerFilter.all().exclude("conv1"), true);
        assertThat(channels.families()).hasSize(1);
        assertThat(channels.left().values()).containsExactly("not chosen", "it is an output of the model");
    }
}
