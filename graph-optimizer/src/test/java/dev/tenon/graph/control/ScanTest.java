package dev.tenon.graph.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScanTest {
    /** Running sums of rows or columns, each multiplied with a captured value. */
    private static Graph sums(String type, String attributes) {
        return Graphs.parse("""
            graph main(%%s: f32[2], %%x: %s, %%c: f32[2]) {
              %%last, %%all = Scan<body=graph b(%%s: f32[2], %%x: f32[2], %%c: f32[2]) {
                %%n = Add(%%s, %%x)
                %%e = Mul(%%n, %%c)
                return %%n, %%e
              }, carried=1, num_scan_inputs=1%s>(%%s, %%x, %%c)
              return %%last, %%all
            }
            """.formatted(type, attributes));
    }

    private static final Tensor ZERO = Tensor.of(new float[] {0, 0});
    private static final Tensor FACTORS = Tensor.of(new float[] {1, 10});

    private static void check(Graph graph, Tensor x, Tensor last, Tensor all) {
        Graphs.requireEqual(Graphs.run(graph, ZERO, x, FACTORS), List.of(last, all));
    }

    @Test
    void carriesValuesAndStacksResults() {
        check(
                sums("f32[3,2]", ""),
                Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2),
                Tensor.of(new float[] {9, 12}),
                Tensor.of(new float[] {1, 20, 4, 60, 9, 120}, 3, 2));
    }

    @Test
    void cutsFromEitherEndAlongAnyAxis() {
        check(
                sums("f32[2,3]", ", scan_input_axes=[-1], scan_input_directions=[1]"),
                Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
                Tensor.of(new float[] {6, 15}),
                Tensor.of(new float[] {3, 60, 5, 110, 6, 150}, 3, 2));
    }

    @Test
    void stacksFromEitherEndAlongAnyAxis() {
        check(
                sums("f32[3,2]", ", scan_output_axes=[-1], scan_output_directions=[1]"),
                Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2),
                Tensor.of(new float[] {9, 12}),
                Tensor.of(new float[] {9, 4, 1, 120, 60, 20}, 2, 3));
    }

    @Test
    void withoutSlicesDimensionsAreThoseOfTheOperands() {
        Graph graph = Graphs.parse("""
            graph main(%x: f32[r,n], %m: f32[m,n]) {
              %a, %b = Scan<body=graph b(%x: f32[n], %m: f32[m,n]) {
                %e = Add(%x, %m)
                %s = Size(%e)
                return %e, %s
              }, carried=0, num_scan_inputs=1, scan_output_axes=[1, 0]>(%x, %m)
              return %a, %b
            }
            """);
        List<Datum> none =
                Graphs.run(graph, Tensor.allocate(DType.FLOAT32, 0, 4), Tensor.allocate(DType.FLOAT32, 3, 4));
        Graphs.requireEqual(none, List.of(Tensor.allocate(DType.FLOAT32, 3, 0, 4), Tensor.allocate(DType.INT64, 0)));
    }

    @Test
    void tensorsAreCutInStep() {
        Graph graph = Graphs.parse("""
            graph main(%a: i64[n], %b: i64[1,m]) {
              %y = Scan<body=graph b(%x: i64[], %y: i64[1]) {
                %s = Add(%x, %y)
                return %s
              }, carried=0, num_scan_inputs=2, scan_input_axes=[0, 1], scan_input_directions=[0, 1]>(%a, %b)
              return %y
            }
            """);
        List<Datum> y = Graphs.run(graph, Tensor.of(new long[] {1, 2}), Tensor.of(new long[] {10, 20}, 1, 2));
        Graphs.requireEqual(y, List.of(Tensor.of(new long[] {21, 12}, 2, 1)));
        assertThatThrownBy(() -> Graphs.run(graph, Tensor.of(new long[3]), Tensor.of(new long[2], 1, 2)))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("scan inputs of 3 and 2 slices");
    }

    @Test
    void resultsOfChangingShapesAreRefused() {
        Graph graph = Graphs.parse("""
            graph main(%x: i64[n]) {
              %y = Scan<body=graph b(%x: i64[]) {
                %z = const i64[] {0}
                %one = const i64[] {1}
                %r = Range(%z, %x, %one)
                return %r
              }, carried=0, num_scan_inputs=1>(%x)
              return %y
            }
            """);
        assertThatThrownBy(() -> Graphs.run(graph, Tensor.of(new long[] {1, 2})))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("one shape");
    }

    @Test
    void typesThatDoNotFitAreRefused() {
        for (String attributes : List.of(
                ", scan_input_axes=[2]",
                ", scan_input_axes=[0, 0]",
                ", scan_input_directions=[2]",
                ", scan_output_axes=[-3]",
                ", scan_output_directions=[0, 1]")) {
            assertThatThrownBy(() -> sums("f32[3,2]", attributes))
                    .as(attributes)
                    .isInstanceOf(TenonException.class)
                    .hasMessageContaining("Scan");
        }
    }

    @Test
    void isMadeOfItsAttributesAgain() {
        Scan scan = (Scan) sums("f32[2,3]", ", scan_input_axes=[-1], scan_output_directions=[1]")
                .nodes()
                .getFirst()
                .op();
        assertThat(Scan.of(scan.attributes())).isEqualTo(scan);
        assertThat(scan.withBodies(scan.bodies())).isEqualTo(scan);
        assertThat(scan.captured()).isEqualTo(1);
    }

    private static void refused(String types, String body, String operands, String... parts) {
        String text = "graph main(" + types + ") { %y = Scan<body=graph b(" + body + "}, carried=1, num_scan_inputs=1>("
                + operands + ") return %y }";
        assertThatThrownBy(() -> Graphs.parse(text))
                .isInstanceOf(TenonException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @Test
    void scansThatDoNotFitTheirBodyAreRefused() {
        String body = "%s: f32[2], %x: f32[2], %c: f32[2]) { %n = Add(%s, %c) return %n ";
        refused("%s: i64[2], %x: f32[3,2]", body, "%s, %x, %s", "state value 0 is i64[2]", "f32[2]");
        refused("%s: f32[2], %x: i64[3,2]", body, "%s, %x, %s", "scan input 0 is i64[3,2]", "slices f32[2]");
        refused("%s: f32[2], %x: f32[3,2], %c: i64[2]", body, "%s, %x, %c", "captured value 0 is i64[2]", "f32[2]");
        refused("%s: f32[2], %x: f32[3,2], %c: f32[4]", body, "%s, %x, %c", "captured value 0 is f32[4]", "f32[2]");
        refused("%s: f32[2], %x: f32[3,2]", body, "%s, %x, _", "captured value 0 is missing");
    }
}
