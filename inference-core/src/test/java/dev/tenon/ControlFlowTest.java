package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("short")
class ControlFlowTest {
    /** Doubles or negates x, depending on the sign of its sum. The result of the else branch has one more element. */
    private static Model branches(boolean sameShape) {
        return SmallModels.model("""
            graph (%%x: f32[n]) {
              %%zero = const f32[] {0.0}
              %%sum = ReduceSum<keepdims=0>(%%x)
              %%positive = Greater(%%sum, %%zero)
              %%y = If<then_branch=graph then(%%x: f32[n]) {
                  %%twice = Add(%%x, %%x)
                  return %%twice
                }, else_branch=graph else(%%x: f32[n]) {
                  %%one = const f32[1] {1.0}
                  %%minus = Neg(%%x)
                  %%longer = Concat<axis=0>(%%minus, %%one)
                  return %s
                }>(%%positive, %%x) "choice"
              %%z = Mul(%%y, %%y)
              return %%y, %%z
            }
            """.formatted(sameShape ? "%minus" : "%longer"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ifTakesOneBranch(boolean optimize) {
        for (boolean sameShape : new boolean[] {false, true}) {
            Session s = branches(sameShape).session(SessionOptions.standard().optimize(optimize));
            Outputs twice = s.predict(Map.of("x", Tensor.of(new float[] {1, 2, -1})));
            assertThat(twice.tensor("y").toFloatArray()).containsExactly(2, 4, -2);
            assertThat(twice.tensor("z").toFloatArray()).containsExactly(4, 16, 4);
            Outputs minus = s.predict(Map.of("x", Tensor.of(new float[] {1, -3})));
            float[] expected = sameShape ? new float[] {-1, 3} : new float[] {-1, 3, 1};
            assertThat(minus.tensor("y").toFloatArray()).containsExactly(expected);
        }
    }

    /** Sums the first rows of a table and collects all sums. The carried value keeps its shape. */
    private static Model runningSum() {
        return SmallModels.model("""
            graph (%table: f32[rows,2], %rounds: i64[]) {
              %start = const f32[2] {0.0, 0.0}
              %last, %all = Loop<body=graph body(%i: i64[], %go: bool[], %sum: f32[2], %table: f32[rows,2]) {
                  %row = Gather<axis=0>(%table, %i) "row"
                  %next = Add(%sum, %row)
                  return %go, %next, sums=%next
                }, carried=1>(%rounds, _, %start, %table) "sums"
              return %last, %all
            }
            """);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void loopCarriesAndStacks(boolean optimize) {
        Session s = runningSum().session(SessionOptions.standard().optimize(optimize));
        Tensor table = Tensor.of(new float[] {1, 10, 2, 20, 3, 30}, 3, 2);
        Outputs out = s.predict(Map.of("table", table, "rounds", Tensor.scalar(3L)));
        assertThat(out.tensor("last").toFloatArray()).containsExactly(6, 60);
        assertThat(out.tensor("all").dims()).containsExactly(3, 2);
        assertThat(out.tensor("all").toFloatArray()).containsExactly(1, 10, 3, 30, 6, 60);
        Outputs none = s.predict(Map.of("table", table, "rounds", Tensor.scalar(0L)));
        assertThat(none.tensor("last").toFloatArray()).containsExactly(0, 0);
        assertThat(none.tensor("all").dims()).containsExactly(0, 2);
    }

    @Test
    void aFailureInABodyNamesTheNodeOfTheBody() {
        Session s = runningSum().session();
        Tensor table = Tensor.of(new float[] {1, 10}, 1, 2);
        assertThat(Typed.failure(() -> s.predict(Map.of("table", table, "rounds", Tensor.scalar(2L)))))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Gather 'row'");
        assertThat(s.predict(Map.of("table", table, "rounds", Tensor.scalar(1L)))
                        .tensor("last")
                        .toFloatArray())
                .containsExactly(1, 10);
    }

    @Test
    void loopCarriesWhatGrows() {
        OnnxFile body = OnnxFile.graph("body")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("line", "f32[*]")
                .node("Identity", List.of("go"), List.of("go_on"))
                .node("Concat", List.of("line", "x"), List.of("longer"), OnnxFile.number("axis", 0))
                .output("go_on", "bool[]")
                .output("longer", "f32[*]");
        Model model = Model.load(ByteBuffer.wrap(OnnxFile.graph("grow")
                .input("x", "f32[n]")
                .input("rounds", "i64[]")
                .node("Loop", List.of("rounds", "", "x"), List.of("y"), OnnxFile.body("body", body))
                .output("y", "f32[*]")
                .bytes()));
        Tensor y = model.predict(Map.of("x", Tensor.of(new float[] {1, 2}), "rounds", Tensor.scalar(3L)))
                .tensor();
        assertThat(y.toFloatArray()).containsExactly(1, 2, 1, 2, 1, 2, 1, 2);
    }

    @Test
    void loopStopsByItsCondition() {
        Model model = SmallModels.model("""
            graph (%x: f32[], %limit: f32[]) {
              %y = Loop<body=graph body(%i: i64[], %go: bool[], %v: f32[], %limit: f32[]) {
                  %next = Add(%v, %v)
                  %more = Less(%next, %limit)
                  return %more, %next
                }, carried=1>(_, _, %x, %limit)
              return %y
            }
            """);
        assertThat(model.predict(Map.of("x", Tensor.scalar(1f), "limit", Tensor.scalar(1000f)))
                        .tensor()
                        .getFloat(0))
                .isEqualTo(1024);
    }

    @Test
    void bodiesHoldBodies() {
        Model model = SmallModels.model("""
            graph (%x: i64[]) {
              %zero = const i64[] {0}
              %rounds = const i64[] {10}
              %y = Loop<body=graph outer(%i: i64[], %go: bool[], %v: i64[], %x: i64[]) {
                  %big = Greater(%i, %x)
                  %add = If<then_branch=graph then(%i: i64[], %x: i64[]) {
                      %n = const i64[] {100}
                      return %n
                    }, else_branch=graph else(%i: i64[], %x: i64[]) {
                      %s = Add(%i, %x)
                      return %s
                    }>(%big, %i, %x)
                  %next = Add(%v, %add)
                  return %go, %next
                }, carried=1>(%rounds, _, %zero, %x)
              return %y
            }
            """);
        for (long x = 0; x < 10; x++) {
            long expected = 0;
            for (long i = 0; i < 10; i++) {
                expected += i > x ? 100 : i + x;
            }
            assertThat(model.predict(Map.of("x", Tensor.scalar(x))).tensor().getLong(0))
                    .isEqualTo(expected);
        }
    }

    @Test
    void sequencesPassThroughBranches() {
        Model model = SmallModels.model("""
            graph (%s: seq(f32[*]), %t: seq(f32[*]), %first: bool[]) {
              %y = If<then_branch=graph a(%s: seq(f32[*]), %t: seq(f32[*])) {
                  return %s
                }, else_branch=graph b(%s: seq(f32[*]), %t: seq(f32[*])) {
                  %copy = Identity(%t)
                  return %copy
                }>(%first, %s, %t)
              return %y
            }
            """);
        Datum s = TensorSequence.of(Tensor.scalar(1f), Tensor.scalar(2f));
        Datum t = TensorSequence.of(Tensor.scalar(3f));
        TensorSequence a = (TensorSequence) model.predict(Map.of("s", s, "t", t, "first", Tensor.scalar(true)))
                .get("y");
        TensorSequence b = (TensorSequence) model.predict(Map.of("s", s, "t", t, "first", Tensor.scalar(false)))
                .get("y");
        assertThat(a.size()).isEqualTo(2);
        assertThat(b.tensor(0).getFloat(0)).isEqualTo(3);
    }

    @Test
    void aConditionOfSeveralElementsIsRefused() {
        Model model = SmallModels.model("""
            graph (%c: bool[n], %x: f32[]) {
              %y = If<then_branch=graph a(%x: f32[]) { return %x },
                      else_branch=graph b(%x: f32[]) { %m = Neg(%x) return %m }>(%c, %x) "choice"
              return %y
            }
            """);
        assertThat(Typed.failure(
                        () -> model.predict(Map.of("c", Tensor.allocate(DType.BOOL, 2), "x", Tensor.scalar(1f)))))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("If 'choice'");
        assertThat(model.predict(Map.of("c", Tensor.allocate(DType.BOOL, 1), "x", Tensor.scalar(1f)))
                        .tensor()
                        .getFloat(0))
                .isEqualTo(-1);
    }
}
