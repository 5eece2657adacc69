package dev.tenon.op.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.QkvAttention;
import dev.tenon.op.fused.SqueezeExcite;
import dev.tenon.op.fused.TransposedMatMul;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.DequantizeBlocks;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.OpCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares the table of costs with costs computed by hand. */
class CostTest {
    private static TensorType type(String text) {
        return text.equals("-") ? null : (TensorType) ValueType.parse(text);
    }

    private static List<TensorType> types(String list) {
        List<TensorType> types = new ArrayList<>();
        for (String text : list.split(" ")) {
            types.add(type(text));
        }
        return types;
    }

    private static Op op(String name, Map<String, ?> attributes) {
        return AllCases.operators()
                .find("", name)
                .orElseThrow()
                .create(Attributes.none().withAll(attributes));
    }

    private static Cost cost(Op op, List<? extends ValueType> inputs, List<? extends ValueType> outputs) {
        return Cost.of(op, inputs, outputs).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MatMul | f32[2,3,4] f32[4,5] | f32[2,3,5] | 120 | 0 | 296",
                "MatMul | f32[4] f32[4,5] | f32[5] | 20 | 0 | 116",
                "MatMulInteger | u8[3,4] i8[4,5] | i32[3,5] | 60 | 0 | 92",
                "Gemm | f32[3,4] f32[4,5] f32[5] | f32[3,5] | 60 | 15 | 208",
                "Softmax | f32[2,8] | f32[2,8] | 0 | 80 | 128",
                "Add | f32[2,8] f32[8] | f32[2,8] | 0 | 16 | 160",
                "Relu | f64[7] | f64[7] | 0 | 7 | 112",
                "Identity | f32[7] | f32[7] | 0 | 0 | 0",
                "Shape | f32[7,7] | i64[2] | 0 | 0 | 16",
                "GlobalAveragePool | f32[1,8,4,4] | f32[1,8,1,1] | 0 | 128 | 544",
                "Gather | f32[30000,8] i64[2] | f32[2,8] | 0 | 0 | 144",
                "QLinearMatMul | u8[3,4] f32[] u8[] u8[4,5] f32[] u8[] f32[] u8[] | u8[3,5] | 60 | 0 | 62"
            })
    void countsByHand(String name, String inputs, String outputs, long multiplyAdds, long others, long bytes) {
        Cost cost = cost(op(name, Map.of()), types(inputs), types(outputs));
        assertThat(cost).isEqualTo(new Cost(multiplyAdds, others, bytes));
        assertThat(cost.flops()).isEqualTo(2 * multiplyAdds + others);
    }

    @Test
    void weightsInBlocksCostTheirBytes() {
        Op product = new BlockMatMul(BlockFormat.Q4_0, BlockMatMul.Activations.Q8);
        assertThat(cost(product, types("f32[2,64] u8[3,36]"), types("f32[2,3]")))
                .isEqualTo(new Cost(384, 0, 644));
        Op numbers = new DequantizeBlocks(BlockFormat.Q4_0, null);
        assertThat(cost(numbers, types("u8[3,36]"), types("f32[3,64]"))).isEqualTo(new Cost(0, 384, 876));
    }

    @Test
    void turnedMatricesCostWhatOthersDo() {
        assertThat(cost(new TransposedMatMul(), types("f32[2,3,4] f32[2,5,4]"), types("f32[2,3,5]")))
                .isEqualTo(cost(op("MatMul", Map.of()), types("f32[2,3,4] f32[2,4,5]"), types("f32[2,3,5]")))
                .isEqualTo(new Cost(120, 0, 376));
    }

    @Test
    void aConvolutionOfResNetCountsTheProductsThatThePapersCount() {
        Cost plain = cost(
                op("Conv", Map.of("pads", List.of(3L, 3L, 3L, 3L), "strides", List.of(2L, 2L))),
                types("f32[1,3,224,224] f32[64,3,7,7] f32[64]"),
                types("f32[1,64,112,112]"));
        assertThat(plain.multiplyAdds()).isEqualTo(64L * 112 * 112 * 3 * 7 * 7);
        assertThat(plain.others()).isEqualTo(64L * 112 * 112);
        Cost depthwise = cost(
                op("Conv", Map.of("group", 144L)), types("f32[1,144,58,58] f32[144,1,3,3]"), types("f32[1,144,56,56]"));
        assertThat(depthwise)
                .isEqualTo(new Cost(144L * 56 * 56 * 9, 0, 4L * (144 * 58 * 58 + 144 * 9 + 144 * 56 * 56)));
    }

    @Test
    void aTransposedConvolutionSpreadsItsInput() {
        Cost cost = cost(op("ConvTranspose", Map.of()), types("f32[1,8,5,5] f32[8,2,3,3]"), types("f32[1,2,7,7]"));
        assertThat(cost.multiplyAdds()).isEqualTo(8L * 25 * 2 * 9);
    }

    @Test
    void poolingLooksAtEachElementOfAWindow() {
        Cost cost = cost(
                op("MaxPool", Map.of("kernel_shape", List.of(3L, 3L))), types("f32[1,8,6,6]"), types("f32[1,8,4,4] -"));
        assertThat(cost.others()).isEqualTo(8L * 16 * 9);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'ij,jk->ik' | f32[2,3] f32[3,4] | f32[2,4] | 24 | 0",
                "'bij,bjk' | f32[5,2,3] f32[5,3,4] | f32[5,2,4] | 120 | 0",
                "'...ij,...jk->...ik' | f32[6,7,2,3] f32[6,7,3,4] | f32[6,7,2,4] | 1008 | 0",
                "'ii->i' | f32[3,3] | f32[3] | 0 | 3"
            })
    void einsumCountsCombinationsOfIndices(String equation, String inputs, String outputs, long products, long others) {
        Cost cost = cost(op("Einsum", Map.of("equation", equation)), types(inputs), types(outputs));
        assertThat(cost.multiplyAdds()).isEqualTo(products);
        assertThat(cost.others()).isEqualTo(others);
    }

    @Test
    void attentionIsTwoProductsAndASoftmax() {
        Op attention = op("Attention", Map.of());
        Cost cost = cost(
                attention,
                types("f32[1,12,128,32] f32[1,12,128,32] f32[1,12,128,32]"),
                types("f32[1,12,128,32] - - -"));
        assertThat(cost.multiplyAdds()).isEqualTo(2L * 12 * 128 * 128 * 32);
        assertThat(cost.others()).isEqualTo(5L * 12 * 128 * 128);
    }

    @Test
    void attentionCostsTheSameWhereverItsHeadsLie() {
        Cost apart = cost(
                op("Attention", Map.of()),
                types("f32[2,12,128,32] f32[2,12,128,32] f32[2,12,128,32]"),
                types("f32[2,12,128,32] - - -"));
        Map<String, Object> heads = Map.of("q_num_heads", 12L, "kv_num_heads", 12L);
        Cost packed = cost(
                op("Attention", heads),
                types("f32[2,128,384] f32[2,128,384] f32[2,128,384]"),
                types("f32[2,128,384] - - -"));
        Cost inOne = cost(
                new QkvAttention((Attention) op("Attention", heads)),
                types("f32[2,128,1152]"),
                types("f32[2,128,384] - -"));
        for (Cost cost : List.of(packed, inOne)) {
            assertThat(cost.multiplyAdds()).isEqualTo(apart.multiplyAdds());
            assertThat(cost.others()).isEqualTo(apart.others());
        }
    }

    @Test
    void anLstmMultipliesInputAndStateByAllWeightsAtEachStep() {
        Op lstm = op("LSTM", Map.of("hidden_size", 16L));
        Cost cost = cost(lstm, types("f32[10,2,8] f32[1,64,8] f32[1,64,16] f32[1,128]"), types("f32[10,1,2,16] - -"));
        assertThat(cost.multiplyAdds()).isEqualTo(20L * 64 * (8 + 16));
    }

    @Test
    void fusedOperatorsCostWhatTheirPartsDoAndMoveNothingBetweenThem() {
        Fused fused = new Fused(
                3,
                new Fused.Part(new MatMul(), List.of(0, 1)),
                List.of(new Fused.Part(new Add(), List.of(3, 2)), new Fused.Part(new Relu(), List.of(4))));
        Cost cost = cost(fused, types("f32[3,4] f32[4,5] f32[5]"), types("f32[3,5]"));
        assertThat(cost).isEqualTo(new Cost(60, 30, 4 * (12 + 20 + 5 + 15)));
    }

    @Test
    void gatesMultiplyEachWeightOnceForEachInstance() {
        SqueezeExcite gates = new SqueezeExcite(new Relu(), new Sigmoid());
        Cost first = cost(gates, types("f32[2,8,4,4] f32[3,8,1,1] f32[8,3,1,1] - f32[8]"), types("f32[2,8,4,4]"));
        Cost last = cost(
                new ChannelsLast(gates),
                types("f32[2,4,4,8] f32[3,8,1,1] f32[8,3,1,1] - f32[8]"),
                types("f32[2,4,4,8]"));
        for (Cost cost : List.of(first, last)) {
            assertThat(cost).isEqualTo(new Cost(96, 2 * 256 + 22, 4 * (2 * 256 + 24 + 24 + 8)));
        }
    }

    @Test
    void nothingIsSaidOfUnknownShapes() {
        assertThat(Cost.of(new Relu(), types("f32[n]"), types("f32[n]"))).isEmpty();
    }

    /** The cost of every operator of the table can be computed for the operands of its cases. */
    @Test
    void everyCaseOfEveryOperatorHasACost() {
        int counted = 0;
        for (OpDefinition<?> definition : AllCases.operators().definitions()) {
            for (OpCase c : AllCases.of(definition)) {
                if (c.expected() == null) {
                    continue;
                }
                List<ValueType> inputs = new ArrayList<>();
                c.inputs().forEach(d -> inputs.add(d == null ? null : d.type()));
                List<ValueType> outputs = new ArrayList<>();
                for (Datum d : c.expected()) {
                    outputs.add(d == null ? null : d.type());
                }
                Optional<Cost> cost = Cost.of(c.op(), inputs, outputs);
                if (cost.isPresent()) {
                    assertThat(Math.min(
                                    cost.get().bytes(),
                                    Math.min(
                                            cost.get().multiplyAdds(),
                                            cost.get().others())))
                            .as(c.toString())
                            .isNotNegative();
                    counted++;
                }
            }
        }
        assertThat(counted).isGreaterThan(AllCases.operators().definitions().size());
    }
}
