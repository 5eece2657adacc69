package dev.tenon.formats.onnx.writing;

import static dev.tenon.formats.onnx.TestGraphs.again;
import static dev.tenon.formats.onnx.TestGraphs.equal;
import static dev.tenon.formats.onnx.TestGraphs.floats;
import static dev.tenon.formats.onnx.TestGraphs.parse;
import static dev.tenon.formats.onnx.TestGraphs.parsed;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static dev.tenon.formats.onnx.TestGraphs.write;
import static dev.tenon.formats.onnx.TestGraphs.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.formats.ModelFile;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.WriteOptions;
import dev.tenon.formats.onnx.proto.NodeProto;
import dev.tenon.formats.onnx.proto.OperatorSetId;
import dev.tenon.graph.Graph;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Fused operators, and models that have operators of the standard alone. */
class FusedOperatorsTest {
    private static List<String> writtenStandard(Graph graph, WriteOptions options) {
        byte[] bytes = write(new ModelFile(graph, ModelMetadata.EMPTY), options.withStandardOperatorsOnly(true));
        assertThat(parsed(bytes).opsetImports().stream().map(OperatorSetId::domain))
                .isSubsetOf("", "ai.onnx.ml");
        return parsed(bytes).graph().nodes().stream().map(NodeProto::opType).toList();
    }

    @Test
    void fusedOperatorsAreWrittenAsTheirParts() {
        Graph graph = parse("""
            graph main(%Add: f32[n,2], %r: f32[n,2]) {
              %w = const f32[2,2] {1.0, 2.0, 3.0, 4.0}
              %six = const f32[] {6.0}
              %z = dev.tenon.Fused<2.alpha=0.5f, inputs=5, operands=[[0, 1], [5, 2], [6], [7, 3, 4]],\
             ops=["MatMul", "Add", "LeakyRelu", "Clip"]>(%Add, %w, %r, _, %six) "first"
              %y = dev.tenon.Fused<inputs=2, operands=[[1, 0], [2, 1]], ops=["Mul", "Sub"]>(%z, %six)
              return %y, %z
            }
            """);
        for (int version : new int[] {7, 0}) {
            Graph read = again(graph, version);
            assertThat(read.nodes().stream().map(n -> n.op().schema().name()))
                    .containsExactly("MatMul", "Add", "LeakyRelu", "Clip", "Mul", "Sub");
            assertThat(read.nodes().getFirst().name()).isEqualTo("first");
            assertThat(read.outputNames()).containsExactly("y", "z");
            Tensor x = Tensor.of(new float[] {1, -2, 3, 4, -5, 6}, 3, 2);
            Tensor r = Tensor.of(new float[] {-9, 1, 0, 1, 2, -80}, 3, 2);
            equal(run(read, x, r), run(graph, x, r));
        }
    }

    @Test
    void fusedOperatorsAreWrittenInOperatorsOfTheStandardIfAskedFor() {
        Graph graph = parse("""
            graph main(%x: f32[b,n,4], %s: f32[b,n,4]) {
              %g = const f32[4] {1, 2, 3, 4}
              %b = const f32[4] {0.5, 2, -3, 4}
              %y = dev.tenon.SumNormalization<norm="LayerNormalization", epsilon=0.1f>(%g, %b, %x, _, %s, _)
              %z = dev.tenon.Fused<inputs=2, operands=[[0, 1], [2]], ops=["TransposedMatMul", "Relu"]>(%y, %s)
              return %z
            }
            """);
        assertThat(written(graph, 0)).contains("com.microsoft.SkipLayerNormalization");
        assertThat(writtenStandard(graph, WriteOptions.standard()))
                .containsExactly("Add", "LayerNormalization", "Transpose", "MatMul", "Relu");
    }

    @Test
    void operatorsOfGradientsAreWrittenAsTheirParts() {
        Graph graph = parse("""
            graph main(%dy: f32[1,2,2], %i: i64[2]) {
              %z = dev.tenon.GatherGradient<axis=2, size=4>(%i, %dy)
              return %z
            }
            """);
        assertThat(writtenStandard(graph, WriteOptions.standard()))
                .contains("ScatterElements")
                .doesNotContain("GatherGradient");
        Tensor dy = Tensor.of(new float[] {1, 2, 3, 4}, 1, 2, 2);
        Tensor i = Tensor.of(new long[] {3, -1});
        equal(run(again(graph, 0), dy, i), run(graph, dy, i));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            18 | Gelu                   | 20 and above | %y = Gelu(%x)
            22 | RMSNormalization       | 23 and above | %g = const f32[4] {1, 2, 3, 4}; %y = RMSNormalization(%x, %g)
            22 | Attention              | 23 and above | %y = Attention<q_num_heads=2, kv_num_heads=2>(%x, %x, %x)
            24 | com.microsoft.Inverse  | ai.onnx.ml   | %y = com.microsoft.Inverse(%m)
            """)
    void otherOperatorsAreRefusedByNameIfAskedFor(int version, String name, String allowed, String nodes) {
        Graph graph =
                parse("graph main(%x: f32[b,n,4], %m: f32[b,4,4]) {\n" + nodes.replace("; ", "\n") + "\nreturn %y\n}");
        WriteOptions options = WriteOptions.standard().withOperatorSet(version);
        assertThat(write(new ModelFile(graph, ModelMetadata.EMPTY), options)).isNotEmpty();
        assertThatThrownBy(() -> writtenStandard(graph, options))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining(name.substring(name.lastIndexOf('.') + 1))
                .hasMessageContaining(allowed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            com.microsoft.QLinearAdd               | DequantizeLinear DequantizeLinear Add QuantizeLinear    | <op="Add">(%x, %s, %z, %x, %t, %z, %t, %z)
            com.microsoft.QLinearMul               | DequantizeLinear DequantizeLinear Mul QuantizeLinear    | <op="Mul">(%x, %s, %z, %x, %t, %z, %s, %z)
            com.microsoft.QLinearSigmoid           | DequantizeLinear Sigmoid QuantizeLinear                 | <op="Sigmoid">(%x, %s, %z, %t, %z)
            com.microsoft.QLinearLeakyRelu         | DequantizeLinear LeakyRelu QuantizeLinear               | <op="LeakyRelu", alpha=0.5f>(%x, %s, %z, %t, %z)
            com.microsoft.QLinearConcat            | DequantizeLinear DequantizeLinear Concat QuantizeLinear | <op="Concat", axis=1>(%x, %s, %z, %x, %t, %z, %t, %z)
            com.microsoft.QGemm                    | DequantizeLinear DequantizeLinear Gemm QuantizeLinear   | <op="Gemm", transB=1>(%x, %s, %z, %x, %t, %z, %t, %z)
            """)
    void operatorsOnIntegersAreThoseOfOnnxRuntime(String operator, String standard, String node) {
        Graph graph = parse("""
            graph main(%x: u8[3,4]) {
              %s = const f32[] {0.5}
              %t = const f32[] {0.75}
              %z = const u8[] {3}
              %y = dev.tenon.QuantizedOperator\
            """ + node + "\nreturn %y\n}");
        assertThat(written(graph, 0)).containsExactly(operator);
        assertThat(writtenStandard(graph, WriteOptions.standard())).containsExactly(standard.split(" "));
        Tensor x = Tensor.allocate(DType.UINT8, 3, 4);
        for (long i = 0; i < x.size(); i++) {
            x.setLong(i, 2 + i);
        }
        Datum expected = Interpreter.run(graph, List.of(x)).getFirst();
        equal((Tensor) Interpreter.run(again(graph, 0), List.of(x)).getFirst(), (Tensor) expected);
    }

    @Test
    void operatorsOfTheStandardForTablesAreAllowed() {
        Graph graph = parse("""
            graph main(%x: string[2]) {
              %y = ai.onnx.ml.LabelEncoder<keys_strings=["a", "b"], values_int64s=[3, 4]>(%x)
              return %y
            }
            """);
        assertThat(writtenStandard(graph, WriteOptions.standard())).containsExactly("LabelEncoder");
    }

    @Test
    void productsWithTurnedMatricesAreATransposeAndAProductAgain() {
        Graph graph = parse("""
            graph main(%x: f32[b,n,4], %s: f32[b,m,4]) {
              %y = dev.tenon.TransposedMatMul(%x, %s)
              %z = dev.tenon.Fused<inputs=2, operands=[[0, 1], [2]], ops=["TransposedMatMul", "Relu"]>(%x, %s)
              return %y, %z
            }
            """);
        assertThat(written(graph, 0)).containsExactly("Transpose", "MatMul", "Transpose", "MatMul", "Relu");
        Tensor x = floats(2, 3, 4);
        Tensor s = floats(2, 5, 4);
        List<Datum> found = Interpreter.run(again(graph, 0), List.of(x, s));
        List<Datum> expected = Interpreter.run(graph, List.of(x, s));
        for (int i = 0; i < expected.size(); i++) {
            equal((Tensor) found.get(i), (Tensor) expected.get(i));
        }
    }

    @Test
    void distancesAreADifferenceAndAReductionAgain() {
        Graph graph = parse("""
            graph main(%x: f32[n,4], %s: f32[m,4]) {
              %y = dev.tenon.PairwiseDistances(%x, %s)
              %z = dev.tenon.PairwiseDistances<squared=1>(%x, %s)
              return %y, %z
            }
            """);
        assertThat(written(graph, 0))
                .containsExactly(
                        "Unsqueeze",
                        "Unsqueeze",
                        "Sub",
                        "ReduceL2",
                        "Unsqueeze",
                        "Unsqueeze",
                        "Sub",
                        "ReduceSumSquare");
        Tensor x = floats(3, 4);
        Tensor s = floats(5, 4);
        List<Datum> found = Interpreter.run(again(graph, 0), List.of(x, s));
        List<Datum> expected = Interpreter.run(graph, List.of(x, s));
        for (int i = 0; i < expected.size(); i++) {
            equal((Tensor) found.get(i), (Tensor) expected.get(i));
        }
    }

    @Test
    void aFunctionOfBytesIsAGatherAgain() {
        Graph graph = parse("""
            graph main(%x: i8[b,3]) {
              %t = const u8[256] {VALUES}
              %y = dev.tenon.ByteTable(%x, %t)
              return %y
            }
            """.replace("VALUES", "7, 9, ".repeat(127) + "1, 2"));
        assertThat(written(graph, 0)).containsExactly("Cast", "Gather");
        Tensor x = Tensor.allocate(DType.INT8, 2, 3);
        for (long i = 0; i < x.size(); i++) {
            x.setLong(i, 60 * i - 128);
        }
        equal((Tensor) Interpreter.run(again(graph, 0), List.of(x)).getFirst(), (Tensor)
                Interpreter.run(graph, List.of(x)).getFirst());
    }

    @Test
    void aConvolutionWithASumIsTwoOperatorsAgain() {
        Graph graph = parse("""
            graph main(%x: u8[b,3,2], %o: u8[b,3,1]) {
              %s = const f32[] {0.5}
              %z = const u8[] {128}
              %w = const i8[1,2,1] {3, 4}
              %n = const i8[] {0}
              %y = dev.tenon.QuantizedConvSum<first=1>(%x, %s, %z, %w, %s, %n, %s, %z, _, %o, %s, %z, %s, %z)
              return %y
            }
            """);
        assertThat(written(graph, 0))
                .containsExactly("Transpose", "QLinearConv", "Transpose", "com.microsoft.QLinearAdd");
        Tensor x = Tensor.allocate(DType.UINT8, 2, 3, 2);
        Tensor o = Tensor.allocate(DType.UINT8, 2, 3, 1);
        for (long i = 0; i < x.size(); i++) {
            x.setLong(i, 20 * i);
            o.setLong(i / 2, 17 * i);
        }
        equal((Tensor) Interpreter.run(again(graph, 0), List.of(x, o)).getFirst(), (Tensor)
                Interpreter.run(graph, List.of(x, o)).getFirst());
    }

    @Test
    void compositeOperatorsAreWrittenAsTheirSteps() {
        Graph graph = parse("""
            graph main(%x: f32[b,n,8]) {
              %y, %k = dev.tenon.QkvAttention<q_num_heads=2, kv_num_heads=1>(%x) "first"
              %z = Neg(%y)
              return %z, %k
            }
            """);
        Graph read = again(graph, 0);
        assertThat(read.nodes().stream().map(n -> n.op().schema().name())).containsExactly("Split", "Attention", "Neg");
        assertThat(read.nodes().getFirst().name()).isEqualTo("first");
        Tensor x = Tensor.allocate(DType.FLOAT32, 2, 3, 8);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, i % 7 - 3);
        }
        equal(run(read, x), run(graph, x));
    }

    @Test
    void gatesWithChannelsLastAndABodyAreWrittenAsTheirSteps() {
        Graph graph = parse("""
            graph main(%x: f32[b,h,w,2]) {
              %v = const f32[1,2,1,1] {0.5, -1}
              %w = const f32[2,1,1,1] {1, 2}
              %c = const f32[2] {0.5, 0.25}
              %y = dev.tenon.Fused<inputs=6, operands=[[0, 1, 2, 3, 4], [5, 6]], ops=["ChannelsLast", "Add"], 0.op="SqueezeExcite", 0.squeeze="Relu", 0.excite="HardSigmoid", 0.excite.alpha=0.25f>(%x, %v, %w, _, %c, %x)
              return %y
            }
            """);
        Graph read = again(graph, 0);
        assertThat(read.nodes().stream().map(n -> n.op().schema().name()))
                .containsExactly(
                        "Transpose",
                        "GlobalAveragePool",
                        "Conv",
                        "Relu",
                        "Conv",
                        "HardSigmoid",
                        "Mul",
                        "Transpose",
                        "Add");
        Tensor x = Tensor.allocate(DType.FLOAT32, 2, 3, 2, 2);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, i % 7 - 3);
        }
        equal(run(read, x), run(graph, x));
    }

    @Test
    void fusedOperatorsInBodiesSeeConstantsAround() {
        Graph graph = parse("""
            graph main(%x: f32[2], %c: bool[]) {
              %two = const f32[1] {2.0}
              %y = If<else_branch=graph e(%a: f32[2]) {
                return %a
              }, then_branch=graph t(%a: f32[2]) {
                %two = const f32[1] {2.0}
                %n = dev.tenon.Fused<inputs=2, operands=[[0, 1], [2]], ops=["Mul", "Neg"]>(%a, %two)
                return %n
              }>(%c, %x)
              %z = Add(%y, %two)
              return %z
            }
            """);
        Graph read = again(graph, 0);
        Tensor x = Tensor.of(new float[] {1, -2});
        for (boolean c : new boolean[] {true, false}) {
            equal(run(read, x, Tensor.scalar(c)), run(graph, x, Tensor.scalar(c)));
        }
    }
}
