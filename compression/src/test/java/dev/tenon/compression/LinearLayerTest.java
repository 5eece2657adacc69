package dev.tenon.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinearLayerTest {
    private static final Graph GRAPH = GraphText.parse("""
            graph g(%x: f32[n,2], %z: f32[1,2,9], %v: f32[2,2], %h: f16[n,1]) {
              %m = const f32[2,3] {1, 2, 3, 4, 5, 6}
              %g = const f32[2,3] {1, 2, 3, 4, 5, 6}
              %t = const f32[2,2] {1, 2, 3, 4}
              %c = const f32[4,1,2] {1, 2, 3, 4, 5, 6, 7, 8}
              %half = const f16[1,1] {1}
              %stack = const f32[1,2,2] {1, 2, 3, 4}
              %a = MatMul(%x, %m) "enc.0/first"
              %b = Gemm<transB=1>(%a, %g) "enc.0/second"
              %d = MatMul(%x, %m)
              %e = Conv<group=2>(%z, %c) "conv"
              %i = Gemm(%b, %t) "last"
              %f = MatMul(%x, %v)
              %j = MatMul(%h, %half)
              %k = MatMul(%b, %stack)
              %l = MatMul(%t, %m)
              return %i, %d, %e, %f, %j, %k, %l
            }""", StandardOperators.set());

    private static LinearLayer layer(String name) {
        return LinearLayer.of(GRAPH).stream()
                .filter(l -> l.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void layersAreProductsWithConstantFloatMatrices() {
        assertThat(LinearLayer.of(GRAPH))
                .extracting(LinearLayer::name)
                .containsExactly("enc.0/first", "enc.0/second", "d", "conv", "last", "l");
        assertThat(layer("conv")).hasToString("Conv 'conv' [4, 2]");
    }

    @Test
    void theMatrixHasARowForEachOutput() {
        LinearLayer product = layer("enc.0/first");
        assertThat(product.matrix()).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(List.of(product.outputs(), product.terms(), product.outputAxis(), product.groups()))
                .containsExactly(3, 2, 1, 1);
        LinearLayer transposed = layer("enc.0/second");
        assertThat(transposed.matrix()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(List.of(transposed.outputs(), transposed.terms(), transposed.outputAxis()))
                .containsExactly(2, 3, 0);
        assertThat(layer("last").matrix()).containsExactly(1, 3, 2, 4);
        LinearLayer conv = layer("conv");
        assertThat(conv.matrix()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(List.of(conv.outputs(), conv.terms(), conv.outputAxis(), conv.groups()))
                .containsExactly(4, 2, 0, 2);
    }

    @Test
    void storedWeightsAreThoseOfTheMatrix() {
        for (LinearLayer layer : LinearLayer.of(GRAPH)) {
            Tensor stored = layer.stored(layer.matrix());
            assertThat(stored.contentEquals(layer.weight().constant()))
                    .as(layer.name())
                    .isTrue();
        }
    }

    @Test
    void weightsOfTwoNodesAreShared() {
        assertThat(LinearLayer.of(GRAPH).stream().filter(LinearLayer::isShared).map(LinearLayer::name))
                .containsExactly("enc.0/first", "d", "last", "l");
        assertThat(layer("enc.0/first").input().name()).isEqualTo("x");
    }

    private static List<String> accepted(LayerFilter filter) {
        filter.check(GRAPH);
        return LinearLayer.of(GRAPH).stream()
                .filter(l -> filter.accepts(l.node()))
                .map(LinearLayer::name)
                .toList();
    }

    @Test
    void filtersSelectByNameOperatorAndPattern() {
        LayerFilter all = LayerFilter.all();
        assertThat(accepted(all)).hasSize(6);
        assertThat(accepted(all.include("conv", "d"))).containsExactly("d", "conv");
        assertThat(accepted(all.include("Gemm"))).containsExactly("enc.0/second", "last");
        assertThat(accepted(all.include("/enc\\.\\d\\/.*/"))).containsExactly("enc.0/first", "enc.0/second");
        assertThat(accepted(all.exclude("MatMul").exclude("last"))).containsExactly("enc.0/second", "conv");
        assertThat(accepted(all.include("/enc.*/").exclude("Gemm"))).containsExactly("enc.0/first");
        assertThat(accepted(all)).as("filters do not change").hasSize(6);
    }

    /** Expressions and names that a backtracking matcher needs years, or a deep stack, for. */
    @ParameterizedTest
    @ValueSource(
            strings = {"(a+)+b", "(a*)*b", "(a|a)*b", "(a|aa)+b", "((a+)+)+b", "(.*)(.*)(.*)(.*)(.*)b", "(?:a|b)*c"})
    void selectorsAreMatchedInLinearTime(String expression) {
        for (int length : new int[] {30, 200_000}) {
            Graph graph = GraphText.parse(
                    "graph (%x: f32[2,2]) { %y = MatMul(%x, %x) \"" + "a".repeat(length) + "\" return %y }",
                    StandardOperators.set());
            LayerFilter filter = LayerFilter.all().include("/" + expression + "/");
            assertTimeoutPreemptively(
                    Duration.ofSeconds(30),
                    () -> assertThat(filter.accepts(graph.nodes().getFirst())).isFalse());
            assertThat(LayerFilter.all().include("/a+/").accepts(graph.nodes().getFirst()))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/(/", "/(?=a)b/", "/(a)\\1/", "/a++/", "/(?<=a)b/", "/(((a{30}){30}){30}){30}/", "/(a{60}){60}/"
            })
    void selectorsThatAreNoneAreRefused(String selector) {
        assertThatThrownBy(() -> LayerFilter.all().include(selector))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("selector '" + selector + "'")
                .hasMessageContaining("allowed");
    }

    @Test
    void aSelectorThatFitsNothingIsAnError() {
        assertThatThrownBy(() -> LayerFilter.all().exclude("fc7").check(GRAPH))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("selector 'fc7'")
                .hasMessageContaining("enc.0/first, enc.0/second");
        // A pattern fits a whole name, not a part of it.
        assertThatThrownBy(() -> LayerFilter.all().include("/enc/").check(GRAPH))
                .isInstanceOf(CompressionException.class);
        assertThatThrownBy(() -> LayerFilter.all().include("/(/"))
                .isInstanceOf(CompressionException.class)
                .hasMessageContaining("regular expressions");
    }
}
