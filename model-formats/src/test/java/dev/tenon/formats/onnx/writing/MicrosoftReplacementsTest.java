package dev.tenon.formats.onnx.writing;

import static dev.tenon.formats.onnx.TestGraphs.again;
import static dev.tenon.formats.onnx.TestGraphs.floats;
import static dev.tenon.formats.onnx.TestGraphs.parse;
import static dev.tenon.formats.onnx.TestGraphs.run;
import static dev.tenon.formats.onnx.TestGraphs.write;
import static dev.tenon.formats.onnx.TestGraphs.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.graph.Graph;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.op.Numerics;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Operators that are written as operators of ONNX Runtime. */
class MicrosoftReplacementsTest {
    @Test
    void skipConnectionsAreOperatorsOfOnnxRuntime() {
        Graph graph = parse("""
            graph main(%x: f32[b,n,4], %s: f32[b,n,4], %t: f32[1,n,4]) {
              %g = const f32[4] {1, 2, 3, 4}
              %b = const f32[4] {0.5, 2, -3, 4}
              %y, %u = dev.tenon.SumNormalization<norm="LayerNormalization", epsilon=0.1f>(%g, %b, %x, _, %s, _)
              %z, %v = dev.tenon.SumNormalization<norm="RMSNormalization">(%g, _, %x, _, %y, _, %b, _)
              %w = dev.tenon.SumNormalization<norm="LayerNormalization">(%g, _, %v, _, %t, _)
              return %z, %u, %w
            }
            """);
        assertThat(written(graph, 0))
                .containsExactly(
                        "com.microsoft.SkipLayerNormalization",
                        "com.microsoft.SkipSimplifiedLayerNormalization",
                        "Add",
                        "LayerNormalization");
        Tensor x = floats(2, 3, 4);
        Tensor t = floats(1, 3, 4);
        Tensor s = floats(2, 3, 4);
        List<Datum> found = Interpreter.run(again(graph, 0), List.of(x, s, t));
        List<Datum> expected = Interpreter.run(graph, List.of(x, s, t));
        for (int i = 0; i < expected.size(); i++) {
            Closeness.check("output " + i, found.get(i), expected.get(i), null, new Numerics(0, 32, 4));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            18 | com.microsoft.Gelu                | %y = Gelu(%x)
            18 | com.microsoft.FastGelu            | %y = Gelu<approximate="tanh">(%x)
            23 | com.microsoft.QuickGelu           | %y = Swish<alpha=1.5f>(%x)
            23 | com.microsoft.QuickGelu           | %y = Swish(%x)
            22 | SimplifiedLayerNormalization      | %g = const f32[4] {1, 2, 3, 4}; %y = RMSNormalization<epsilon=0.1f>(%x, %g)
            22 | com.microsoft.MultiHeadAttention  | %y = Attention<q_num_heads=2, kv_num_heads=2, scale=0.3f>(%x, %x, %x)
            22 | com.microsoft.MultiHeadAttention  | %y = Attention<q_num_heads=2, kv_num_heads=2, is_causal=1>(%x, %x, %x)
            """)
    void operatorsThatAreTooNewAreReplaced(int version, String name, String nodes) {
        Graph graph = parse("graph main(%x: f32[b,n,4]) {\n" + nodes.replace("; ", "\n") + "\nreturn %y\n}");
        assertThat(written(graph, version)).containsExactly(name);
        assertThat(written(graph, 0)).doesNotContain(name);
        Tensor x = floats(2, 3, 4);
        Closeness.check(name, run(again(graph, version), x), run(graph, x), null, new Numerics(4, 64, 4));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            22 | %y = Attention<q_num_heads=2, kv_num_heads=1>(%x, %z, %z)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2, softcap=2.0f>(%x, %x, %x)
            22 | %s = const f32[] {2}; %y = RMSNormalization(%x, %s)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2, is_causal=1>(%x, %w, %w)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2, softmax_precision=11>(%x, %x, %x)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2>(%x, %x, %x, _, _, _, %l)
            22 | %y = Attention<q_num_heads=2, kv_num_heads=2>(%x, %x, %x, _, %p, %p)
            22 | %y, %k = Attention<q_num_heads=2, kv_num_heads=2>(%x, %x, %x, _, %p, %p)
            """)
    void operatorsWithoutAReplacementAreRefused(int version, String nodes) {
        Graph graph =
                parse("graph main(%x: f32[b,n,4], %z: f32[b,n,2], %w: f32[b,m,4], %l: i64[b], %p: f32[b,2,p,2]) {\n"
                        + nodes.replace("; ", "\n") + "\nreturn %y\n}");
        assertThatThrownBy(() -> write(graph, version)).hasMessageContaining("in operator set 22");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ", is_causal=1"})
    void attentionWithAPastIsOneOfOnnxRuntime(String causal) {
        Graph graph = parse("graph main(%x: f32[b,n,4], %p: f32[b,2,p,2], %q: f32[b,2,p,2]) {\n"
                + "%y, %k, %v = Attention<q_num_heads=2, kv_num_heads=2" + causal
                + ">(%x, %x, %x, _, %p, %q)\nreturn %y, %k, %v\n}");
        assertThat(written(graph, 22)).containsExactly("com.microsoft.MultiHeadAttention");
        Tensor[] inputs = {floats(2, 3, 4), floats(2, 2, 5, 2), floats(2, 2, 5, 2)};
        Closeness.check("attention", run(again(graph, 22), inputs), run(graph, inputs), null, new Numerics(4, 64, 4));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 22})
    void aMaskOfOneRowIsRepeatedForAllQueries(int version) {
        Graph graph = parse("""
            graph main(%x: f32[b,n,4], %m: f32[b,1,1,n]) {
              %p = Attention<q_num_heads=2, kv_num_heads=2>(%x, %x, %x, %m)
              %y = Attention<q_num_heads=2, kv_num_heads=2>(%p, %x, %x, %m)
              return %y
            }
            """);
        String attention = version == 0 ? "Attention" : "com.microsoft.MultiHeadAttention";
        assertThat(written(graph, version)).containsExactly("Shape", "Concat", "Expand", attention, attention);
        Tensor x = floats(2, 3, 4);
        Tensor m = floats(2, 1, 1, 3);
        Closeness.check("attention", run(again(graph, version), x, m), run(graph, x, m), null, new Numerics(4, 64, 4));
    }
}
