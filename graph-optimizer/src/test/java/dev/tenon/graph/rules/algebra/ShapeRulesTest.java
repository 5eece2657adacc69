package dev.tenon.graph.rules.algebra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Graphs;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;

class ShapeRulesTest {
    @Test
    void aComputedShapeIsWrittenDown() {
        Rewrites.becomes(ShapeRules.SET, "reshape-target", """
            graph g(%x: f32[batch,seq,12]) {
              %zero = const i64[] {0}
              %one = const i64[] {1}
              %axis = const i64[1] {0}
              %heads = const i64[2] {3, 4}
              %s = Shape(%x)
              %b = Gather(%s, %zero)
              %n = Gather(%s, %one)
              %b1 = Unsqueeze(%b, %axis)
              %n1 = Unsqueeze(%n, %axis)
              %t = Concat<axis=0>(%b1, %n1, %heads)
              %y = Reshape(%x, %t)
              return %y
            }
            """, """
            graph g(%x: f32[batch,seq,12]) {
              %const = const i64[4] {0, 0, 3, 4}
              %y = Reshape(%x, %const)
              return %y
            }
            """);
    }

    @Test
    void oneUnknownDimensionIsLeftToTheRun() {
        Rewrites.becomes(ShapeRules.SET, "reshape-target", """
            graph g(%x: f32[batch,seq,4]) {
              %two = const i64[1] {2}
              %s = Shape<end=1>(%x)
              %n = Shape<start=1, end=2>(%x)
              %h = Mul(%n, %two)
              %t = Concat<axis=0>(%s, %h, %two)
              %y = Reshape(%x, %t)
              return %y
            }
            """, """
            graph g(%x: f32[batch,seq,4]) {
              %const = const i64[3] {0, -1, 2}
              %y = Reshape(%x, %const)
              return %y
            }
            """);
    }

    @Test
    void shapesThatDependOnValuesStay() {
        Rewrites.refuses(
                ShapeRules.SET,
                "reshape-target",
                "graph g(%x: f32[n], %s: i64[2]) { %y = Reshape(%x, %s) return %y }",
                "two dimensions");
    }

    @Test
    void branchesThatAreKnownAreInlined() {
        Rewrites.becomes(ShapeRules.SET, "if-known", """
            graph g(%x: f32[2], %c: bool[]) {
              %yes = const bool[] {true}
              %y = If<then_branch=graph t(%a: f32[2], %d: bool[]) {
                %no = const bool[1] {false}
                %w = const f32[2] {1.0, 2.0}
                %b = Mul(%a, %w)
                %q = If<then_branch=graph t(%e: f32[2]) {
                  %f = Neg(%e)
                  return %f
                }, else_branch=graph e(%e: f32[2]) {
                  %f = Abs(%e)
                  return %f
                }>(%no, %b)
                return %q
              }, else_branch=graph e(%a: f32[2], %d: bool[]) {
                return %a
              }>(%yes, %x, %c)
              return %y
            }
            """, """
            graph g(%x: f32[2], %c: bool[]) {
              %const = const f32[2] {1.0, 2.0}
              %Mul = Mul(%x, %const)
              %y = Abs(%Mul)
              return %y
            }
            """);
    }

    @Test
    void otherBranchesStay() {
        Rewrites.stays(ShapeRules.SET, "if-known", """
            graph g(%x: f32[2], %c: bool[]) {
              %y = If<then_branch=graph t(%a: f32[2]) {
                %b = Neg(%a)
                return %b
              }, else_branch=graph e(%a: f32[2]) {
                return %a
              }>(%c, %x)
              return %y
            }
            """);
    }

    @Test
    void conditionsOnShapesAreKnown() {
        Graph graph = Graphs.parse("""
            graph g(%x: f32[1,n]) {
              %one = const i64[] {1}
              %zero = const i64[] {0}
              %s = Shape(%x)
              %d = Gather(%s, %zero)
              %c = Equal(%d, %one)
              %axis = const i64[1] {0}
              %y = If<then_branch=graph t(%a: f32[1,n], %e: i64[1]) {
                %b = Squeeze(%a, %e)
                return %b
              }, else_branch=graph e(%a: f32[1,n], %e: i64[1]) {
                return %a
              }>(%c, %x, %axis)
              return %y
            }
            """);
        Graph result = Pipeline.standard().apply(graph);
        assertThat(result.toString()).isEqualTo(Graphs.parse("""
            graph g(%x: f32[1,n]) {
              %axis = const i64[1] {0}
              %y = Squeeze(%x, %axis)
              return %y
            }
            """).toString());
        Rewrites.requireEqual(graph, result, Rewrites.random(graph, 1), true);
    }
}
