package dev.tenon.compression.quantize.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.Samples;
import dev.tenon.compression.SavedModel;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.shape.Gather;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Literals;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class Int4WeightsTest {
    private static final int TERMS = 72;
    private static final double AS_FLOAT = 2e-5;

    static Tensor random(long seed, double size, long... dims) {
        Random random = new Random(seed);
        return Literals.normal(random, size, DType.FLOAT32, dims);
    }

    /** Rows of a table, then a MatMul, a Gemm of either orientation, and a MatMul with the weights of the first one. */
    static Model model() {
        GraphBuilder b = new GraphBuilder("layers");
        Value ids = b.input("ids", new TensorType(DType.INT64, Shape.of(Dim.symbol("n"))));
        Value table = b.constant("table", random(1, 1, 50, TERMS));
        Value w = b.constant("w", random(2, 0.1, TERMS, TERMS));
        Value v = b.constant("v", random(3, 0.1, 40, TERMS));
        Value u = b.constant("u", random(4, 0.1, 40, 33));
        Value bias = b.constant("bias", random(5, 1, 40));
        Value rows =
                b.add(new Gather(0), "rows", List.of(table, ids), List.of("x")).getFirst();
        Value y = b.add(new MatMul(), "first", List.of(rows, w), List.of("y")).getFirst();
        Value again = b.add(new MatMul(), "again", List.of(b.add(new Relu(), y), w), List.of("z"))
                .getFirst();
        Value gemm = b.add(new Gemm(0.5f, 2, false, true), "gemm", List.of(again, v, bias), List.of("g"))
                .getFirst();
        Value last = b.add(new Gemm(1, 1, false, false), "last", Arrays.asList(gemm, u, null), List.of("h"))
                .getFirst();
        return Model.of(b.output(last).build());
    }

    static Map<String, Tensor> inputs(int from) {
        long[] ids = new long[7];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (from * 7L + i * 3L) % 50;
        }
        return Map.of("ids", Tensor.of(ids));
    }

    static StepContext context(Model model) {
        List<Map<String, Tensor>> calls = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            calls.add(inputs(i));
        }
        return StepContext.of(Samples.of(calls).bind(model.inputs()), 0);
    }

    private static List<String> operators(Graph graph) {
        return graph.nodes().stream().map(node -> node.op().schema().name()).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "NEAREST, true, 32",
        "NEAREST, false, 16",
        "LEAST_ERROR, true, 16",
        "LEAST_ERROR, false, 32",
        "HQQ, false, 32",
        "GPTQ, true, 32",
        "GPTQ, false, 64",
        "AWQ, true, 32",
        "AWQ, false, 16"
    })
    void savedModelsRunInOnnxRuntime(BlockRounding rounding, boolean isSymmetric, int block) throws OrtException {
        Model model = model();
        Int4Weights step = QuantizeWeights.int4().block(block).rounding(rounding);
        Model found = (isSymmetric ? step.symmetric() : step).apply(model, context(model));
        byte[] file = SavedModel.bytes(found);
        Tensor expected = found.predict(inputs(3)).tensor("h");
        Tensor read = Model.load(ByteBuffer.wrap(file)).predict(inputs(3)).tensor("h");
        assertThat(Peer.difference(read, expected)).isLessThan(AS_FLOAT);
        for (OptLevel level : List.of(OptLevel.NO_OPT, OptLevel.ALL_OPT)) {
            assertThat(Peer.difference(Peer.run(file, level, inputs(3)).get("h"), expected))
                    .as(level.toString())
                    .isLessThan(AS_FLOAT);
        }
        assertThat(Peer.difference(expected, model.predict(inputs(3)).tensor("h")))
                .isLessThan(0.5);
        assertThat(new String(file, StandardCharsets.ISO_8859_1))
                .contains("MatMulNBits", "GatherBlockQuantized")
                .doesNotContain("DequantizeLinear");
    }

    @Test
    void aFileHoldsFourBitsAWeight() {
        Model model = model();
        Model found = QuantizeWeights.int4().symmetric().block(64).apply(model, context(model));
        // Columns of blocks that are not full are padded: 72 become 128, 40 become 64. A scale has four bytes.
        long table = 50 * (TERMS / 2 + 2 * 4);
        long products = TERMS * (128 / 2 + 2 * 4) + 40 * (128 / 2 + 2 * 4) + 33 * (64 / 2 + 4);
        long others = SavedModel.bytes(found).length - table - products;
        assertThat(others).isBetween(0L, 2500L);
    }

    @Test
    void weightsAreAtMostHalfAStepAway() {
        Model model = model();
        StepContext context = context(model);
        Model found = QuantizeWeights.int4().rounding(BlockRounding.NEAREST).apply(model, context);
        assertThat(operators(found.graph())).contains("DequantizeLinear").doesNotContain("Gemm");
        assertThat(context.layers()).hasSize(5).allMatch(layer -> !layer.kept() && layer.bits() == 4);
        assertThat(context.layers())
                .allMatch(
                        layer -> layer.sqnr().orElseThrow() > 18 && layer.sqnr().orElseThrow() < 30);
    }

    @ParameterizedTest
    @EnumSource(BlockRounding.class)
    void theSameSamplesGiveTheSameBytes(BlockRounding rounding) {
        Model model = model();
        Int4Weights step = QuantizeWeights.int4().rounding(rounding);
        assertThat(SavedModel.bytes(step.apply(model, context(model))))
                .isEqualTo(SavedModel.bytes(step.apply(model, context(model))));
    }

    private static double error(Model model, Int4Weights step) {
        Model found = step.apply(model, context(model));
        double sum = 0;
        for (int i = 0; i < 10; i++) {
            float[] e = model.predict(inputs(i)).tensor("h").toFloatArray();
            float[] f = found.predict(inputs(i)).tensor("h").toFloatArray();
            for (int j = 0; j < e.length; j++) {
                sum += (e[j] - f[j]) * (e[j] - f[j]);
            }
        }
        return sum;
    }

    @Test
    void gptqMakesOutputsChangeLess() {
        Model model = model();
        Int4Weights step = QuantizeWeights.int4();
        double nearest = error(model, step.rounding(BlockRounding.NEAREST));
        double onePass = error(model, step.rounding(BlockRounding.GPTQ).onePass());
        double gptq = error(model, step.rounding(BlockRounding.GPTQ));
        assertThat(onePass).isLessThan(0.25 * nearest);
        assertThat(gptq).isLessThan(0.8 * onePass);
    }

    @Test
    void filteredLayersStay() {
        Model model = model();
        StepContext context = context(model);
        LayerFilter filter = LayerFilter.all().exclude("again", "last");
        Model found = QuantizeWeights.int4().layers(filter).apply(model, context);
        assertThat(found.graph().nodes().stream().map(Node::name)).contains("last");
        assertThat(context.layers().stream()
                        .filter(LayerReport::kept)
                        .map(layer -> layer.name() + ": " + layer.reason()))
                .containsExactly("again: excluded", "last: excluded", "first: something else uses its weights too");
        assertThatThrownBy(() -> QuantizeWeights.int4()
                        .layers(LayerFilter.all().exclude("lasst"))
                        .apply(model, context))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("lasst");
    }

    @Test
    void standardFilesHaveStandardOperators() {
        Model model = model();
        Model found = QuantizeWeights.int4().apply(model, context(model));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        found.save(out, SaveOptions.standard().standardOperatorsOnly());
        Model read = Model.load(ByteBuffer.wrap(out.toByteArray()));
        assertThat(Peer.difference(
                        read.predict(inputs(1)).tensor("h"),
                        found.predict(inputs(1)).tensor("h")))
                .isZero();
    }

    @Test
    void wrongOptionsAreRefused() {
        Model model = model();
        assertThatThrownBy(() -> QuantizeWeights.int4().block(24))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("24");
        assertThatThrownBy(() -> QuantizeWeights.int4()
                        .rounding(BlockRounding.HQQ)
                        .symmetric()
                        .apply(model, context(model)))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("asymmetric");
    }
}
