package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs and outputs of predictions. */
@Tag("short")
class PredictTest {
    private static final String SUM_AND_DIFFERENCE = """
        graph two(%a: f32[n,3], %b: f32[n,3]) {
          %sum = Add(%a, %b)
          %difference = Sub(%a, %b)
          return %sum, %difference
        }
        """;

    private static final Tensor A =
            Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).asReadOnly();
    private static final Tensor B =
            Tensor.of(new float[] {6, 5, 4, 3, 2, 1}, 2, 3).asReadOnly();

    private final Session session = SmallModels.model(SUM_AND_DIFFERENCE).session();

    @Test
    void outputsAreInTheOrderOfTheModel() {
        Outputs out = session.predict(Map.of("b", B, "a", A));
        assertThat(out.keySet()).containsExactly("sum", "difference");
        assertThat(out).hasSize(2).containsKey("sum").doesNotContainKey("a");
        assertThat(out.tensor("sum").toFloatArray()).containsExactly(7, 7, 7, 7, 7, 7);
        assertThat(out.tensor("difference").toFloatArray()).containsExactly(-5, -3, -1, 1, 3, 5);
        assertThat(out.get("difference")).isSameAs(out.tensor("difference"));
        assertThat(out.get("nothing")).isNull();
    }

    @Test
    void anIndexOutOfRangeIsTracedToItsInput() {
        Model model = SmallModels.model("""
            graph rows(%table: f32[5,2], %ids: i32[n,m], %offset: i64[1]) {
              %wide = Cast<to=7>(%ids)
              %minus = const i64[1] {-1}
              %flat = Reshape(%wide, %minus)
              %rows = Gather(%table, %flat)
              %moved = Add(%flat, %offset)
              %others = Gather(%table, %moved)
              return %rows, %others
            }
            """);
        Tensor table = Tensor.of(new float[5][2]);
        Tensor zero = Tensor.of(new long[] {0});
        Tensor ids = Tensor.of(new int[] {0, 1, 2, 3, 7, 4}, 2, 3);
        assertThat(Typed.failure(() -> model.predict(Map.of("table", table, "ids", ids, "offset", zero))))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Gather")
                .hasMessageContaining("index 7, which input 'ids' has at [1, 1]")
                .hasMessageContaining("[-5, 4]");
        Tensor low = Tensor.of(new int[] {0, 1, 2, 3, 3, 4}, 2, 3);
        assertThat(Typed.failure(
                        () -> model.predict(Map.of("table", table, "ids", low, "offset", Tensor.of(new long[] {1})))))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("index 5, computed from inputs 'ids', 'offset'");
        assertThat(Typed.failureOrNull(() -> model.predict(Map.of("table", table, "ids", low, "offset", zero))))
                .isNull();
    }

    @Test
    void oneInputNeedsNoName() {
        Model negative = SmallModels.model("graph g(%x: f32[n,3]) { %y = Neg(%x) return %y }");
        assertThat(negative.predict(A).tensor().toFloatArray()).containsExactly(-1, -2, -3, -4, -5, -6);
        assertThat(negative.session().predict(A).tensor("y").toFloatArray()).containsExactly(-1, -2, -3, -4, -5, -6);
        assertThat(Typed.failure(() -> negative.predict(Tensor.of(new float[4]))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input 'x'");
    }

    @Test
    void oneTensorIsRefusedByAModelOfSeveralInputs() {
        assertThat(Typed.failure(() -> session.predict(A)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("2 inputs: [a: f32[n,3], b: f32[n,3]]")
                .hasMessageContaining("Map");
        Model constant = SmallModels.model("graph () { %c = const f32[1] {2.0} return %c }");
        assertThat(Typed.failure(() -> constant.predict(A)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("no input");
    }

    @Test
    void printingAModelShowsInputsAndOutputs() {
        assertThat(session.model())
                .hasToString("model 'two'\n  input a: f32[n,3]\n  input b: f32[n,3]\n  output sum: f32[n,3]"
                        + "\n  output difference: f32[n,3]");
    }

    @Test
    void askingForAWrongOutputNamesTheRightOnes() {
        Outputs out = session.predict(Map.of("a", A, "b", B));
        assertThat(Typed.failure(() -> out.tensor("product")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("output 'product'")
                .hasMessageContaining("sum, difference");
        assertThat(Typed.failure(out::tensor)).hasMessageContaining("2 outputs").hasMessageContaining("sum");
    }

    @Test
    void outputsBelongToTheCaller() {
        Tensor first = session.predict(Map.of("a", A, "b", B)).tensor("sum");
        Tensor second = session.predict(Map.of("a", B, "b", B)).tensor("sum");
        assertThat(first.toFloatArray()).containsExactly(7, 7, 7, 7, 7, 7);
        assertThat(second.toFloatArray()).containsExactly(12, 10, 8, 6, 4, 2);
        first.setDouble(0, 99);
        assertThat(session.predict(Map.of("a", A, "b", B)).tensor("sum").getFloat(0))
                .isEqualTo(7);
    }

    @Test
    void inputsAreOnlyRead() {
        Tensor a = A.copy();
        Tensor b = B.copy();
        session.predict(Map.of("a", a, "b", b));
        assertThat(a.contentEquals(A)).isTrue();
        assertThat(b.contentEquals(B)).isTrue();
    }

    @Test
    void outputsGoIntoTensorsOfTheCaller() {
        Tensor sum = Tensor.allocate(DType.FLOAT32, 2, 3);
        Tensor difference = Tensor.allocateNative(DType.FLOAT32, 2, 3);
        session.predict(Map.of("a", A, "b", B), Map.of("sum", sum, "difference", difference));
        assertThat(sum.toFloatArray()).containsExactly(7, 7, 7, 7, 7, 7);
        assertThat(difference.toFloatArray()).containsExactly(-5, -3, -1, 1, 3, 5);
    }

    @Test
    void outputsThatAreNotWantedMayBeLeftOut() {
        Tensor difference = Tensor.allocate(DType.FLOAT32, 2, 3);
        session.predict(Map.of("a", A, "b", B), Map.of("difference", difference));
        assertThat(difference.toFloatArray()).containsExactly(-5, -3, -1, 1, 3, 5);
        session.predict(Map.of("a", A, "b", B), Map.of());
    }

    @Test
    void inputsOfAnyMemoryGiveTheSame() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment odd = arena.allocate(4 * 6 + 1).asSlice(1);
            MemorySegment.copy(A.segment(), ValueLayout.JAVA_BYTE, 0, odd, ValueLayout.JAVA_BYTE, 0, 24);
            Tensor nativeB = Tensor.allocateNative(DType.FLOAT32, 2, 3);
            nativeB.copyFrom(B);
            Map<String, Tensor> inputs = Map.of("a", Tensor.of(DType.FLOAT32, odd, 2, 3), "b", nativeB);
            assertThat(session.predict(inputs).tensor("sum").toFloatArray()).containsExactly(7, 7, 7, 7, 7, 7);
        }
    }

    @Test
    void memoryThatIsClosedOrOfAnotherThread() {
        Arena closed = Arena.ofShared();
        Tensor gone = Tensor.of(DType.FLOAT32, closed.allocate(24, 4), 2, 3);
        closed.close();
        Tensor sum = Tensor.allocate(DType.FLOAT32, 2, 3);
        assertThat(Typed.failure(() -> session.predict(Map.of("a", A, "b", gone), Map.of("sum", sum))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input 'b'");
        assertThat(Typed.failure(() -> session.predict(Map.of("a", A, "b", B), Map.of("sum", gone))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("output 'sum'");
        try (Arena mine = Arena.ofConfined()) {
            Tensor confined = Tensor.of(DType.FLOAT32, mine.allocate(24, 4), 2, 3);
            assertThat(Typed.failure(() -> session.predict(Map.of("a", confined, "b", B))))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("input 'a'");
        }
    }

    @Test
    void oneTensorMayBeAllInputs() {
        assertThat(session.predict(Map.of("a", A, "b", A)).tensor("sum").toFloatArray())
                .containsExactly(2, 4, 6, 8, 10, 12);
    }

    @Test
    void anInputThatIsAnOutputIsCopied() {
        Tensor x = Tensor.of(new float[] {1, 2});
        Outputs out = SmallModels.model("graph (%x: f32[n]) { %y = Identity(%x) return same=%x, %y }")
                .predict(Map.of("x", x));
        x.setDouble(0, 9);
        out.tensor("y").setDouble(1, 8);
        assertThat(out.tensor("same").toFloatArray()).containsExactly(1, 2);
        assertThat(out.tensor("y").toFloatArray()).containsExactly(1, 8);
    }

    @Test
    void aConstantThatIsAnOutputIsCopied() {
        Model model = SmallModels.model("graph () { %c = const f32[2] {1.0, 2.0} return c=%c, d=%c }");
        model.predict(Map.of()).tensor("c").setDouble(0, 5);
        assertThat(model.predict(Map.of()).tensor("d").toFloatArray()).containsExactly(1, 2);
    }

    @Test
    void strings() {
        Tensor x = Tensor.of(new String[] {"å", "", "b"}, 3);
        Outputs out = SmallModels.model("""
            graph (%x: string[n]) {
              %i = const i64[2] {2, 0}
              %c = const string[1] {"constant"}
              %taken = Gather<axis=0>(%x, %i)
              %y = Concat<axis=0>(%taken, %c)
              return %y, same=%x, %c
            }
            """).predict(Map.of("x", x));
        assertThat(out.tensor("y").toStringArray()).containsExactly("b", "å", "constant");
        out.tensor("same").setString(0, "changed");
        out.tensor("c").setString(0, "changed");
        assertThat(x.getString(0)).isEqualTo("å");
        assertThat(out.tensor("y").getString(2)).isEqualTo("constant");
    }

    @Test
    void stringConstantsStayAsTheyAre() {
        Model model = SmallModels.model("graph () { %c = const string[1] {\"constant\"} return %c }");
        model.predict(Map.of()).tensor().setString(0, "changed");
        assertThat(model.predict(Map.of()).tensor().getString(0)).isEqualTo("constant");
    }

    @Test
    void sequences() {
        Model model = SmallModels.model("graph (%s: seq(f32[*])) { %y = Identity(%s) return %y }");
        Tensor element = Tensor.of(new float[] {1, 2});
        Datum out = model.predict(Map.of("s", TensorSequence.of(element, Tensor.scalar(3f))))
                .get("y");
        element.setDouble(0, 9);
        assertThat(out).isInstanceOf(TensorSequence.class);
        TensorSequence y = (TensorSequence) out;
        assertThat(y.size()).isEqualTo(2);
        assertThat(y.tensor(0).toFloatArray()).containsExactly(1, 2);
        assertThat(y.tensor(1).toFloatArray()).containsExactly(3);
    }

    @Test
    void anOutputThatIsNoTensorIsNotPrepared() {
        Session s = SmallModels.model("graph (%x: f32[], %s: seq(f32[*])) { %y = Identity(%s) return %y, same=%x }")
                .session();
        Map<String, Datum> inputs = Map.of("x", Tensor.scalar(1f), "s", TensorSequence.of(Tensor.scalar(3f)));
        Outputs out = s.predict(inputs);
        assertThat(Typed.failure(() -> out.tensor("y"))).hasMessageContaining("seq(f32[");
        Tensor given = Tensor.scalar(0f);
        assertThat(Typed.failure(() -> s.predict(inputs, Map.of("y", given))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("output 'y'");
        s.predict(inputs, Map.of("same", given));
        assertThat(given.getFloat(0)).isEqualTo(1);
    }

    @Test
    void scalars() {
        Outputs out = SmallModels.model("""
            graph (%x: f32[], %i: i64[]) {
              %y = Mul(%x, %x)
              %j = Neg(%i)
              return %y, %j
            }
            """).predict(Map.of("x", Tensor.scalar(3f), "i", Tensor.scalar(4L)));
        assertThat(out.tensor("y").rank()).isZero();
        assertThat(out.tensor("y").getFloat(0)).isEqualTo(9);
        assertThat(out.tensor("j").getLong(0)).isEqualTo(-4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void emptyTensors(boolean optimize) {
        Session s = SmallModels.perceptron().session(SessionOptions.standard().optimize(optimize));
        Tensor y = s.predict(Map.of("x", Tensor.allocate(DType.FLOAT32, 0, 16))).tensor();
        assertThat(y.dims()).containsExactly(0, 8);
        Tensor into = Tensor.allocate(DType.FLOAT32, 0, 8);
        s.predict(Map.of("x", Tensor.allocate(DType.FLOAT32, 0, 16)), Map.of("y", into));
        assertThat(s.predict(Map.of("x", SmallModels.random(1, 16))).tensor().size())
                .isEqualTo(8);
    }

    @Test
    void emptyDimensionsInTheMiddle() {
        Outputs out = SmallModels.model("""
            graph (%x: f32[a,b,c]) {
              %axes = const i64[1] {1}
              %sum = ReduceSum<keepdims=0>(%x, %axes)
              %turned = Transpose<perm=[2, 1, 0]>(%x)
              return %sum, %turned
            }
            """).predict(Map.of("x", Tensor.allocate(DType.FLOAT32, 2, 0, 3)));
        assertThat(out.tensor("sum").toFloatArray()).containsExactly(0, 0, 0, 0, 0, 0);
        assertThat(out.tensor("turned").dims()).containsExactly(3, 0, 2);
    }

    @ParameterizedTest
    @EnumSource
    void everyElementTypePassesThrough(DType dtype) {
        Tensor x = Tensor.allocate(dtype, 3, 2);
        for (long i = 0; i < x.size(); i++) {
            if (dtype == DType.STRING) {
                x.setString(i, "s" + i);
            } else if (dtype.isComplex()) {
                x.setComplex(i, (double) i, -1);
            } else {
                x.setLong(i, i % 2);
            }
        }
        Outputs out = SmallModels.model("""
            graph (%%x: %s[n,2]) {
              %%turned = Transpose<perm=[1, 0]>(%%x)
              %%back = Transpose<perm=[1, 0]>(%%turned)
              %%shape = const i64[3] {2, -1, 1}
              %%y = Reshape(%%back, %%shape)
              return %%y
            }
            """.formatted(dtype.text())).predict(Map.of("x", x));
        assertThat(out.tensor().contentEquals(x.reshape(2, 3, 1))).isTrue();
    }

    @Test
    void shapesThatOnlyTheRunKnows() {
        Session s = SmallModels.model("""
            graph (%x: f32[n]) {
              %zero = const f32[] {0.0}
              %some = Greater(%x, %zero)
              %kept = Compress<axis=0>(%x, %some)
              %y = Add(%kept, %kept)
              %sum = ReduceSum<keepdims=0>(%y)
              return %y, %sum
            }
            """).session();
        Outputs out = s.predict(Map.of("x", Tensor.of(new float[] {1, -1, 3, -5, 6})));
        assertThat(out.tensor("y").toFloatArray()).containsExactly(2, 6, 12);
        assertThat(out.tensor("sum").getFloat(0)).isEqualTo(20);
        Outputs none = s.predict(Map.of("x", Tensor.of(new float[] {-1, -1, -3, -5, -6})));
        assertThat(none.tensor("y").size()).isZero();
        Tensor y = Tensor.allocate(DType.FLOAT32, 3);
        s.predict(Map.of("x", Tensor.of(new float[] {1, -1, 3, -5, 6})), Map.of("y", y));
        assertThat(y.toFloatArray()).containsExactly(2, 6, 12);
        assertThat(Typed.failure(() -> s.predict(Map.of("x", Tensor.of(new float[] {1, -1})), Map.of("y", y))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("output 'y'")
                .hasMessageContaining("f32[1]");
    }

    @Test
    void preparedCallReadsTheInputsAtEachRun() {
        Tensor a = A.copy();
        PreparedCall call = session.prepare(Map.of("a", a, "b", B));
        assertThat(call.input("a")).isSameAs(a);
        Tensor sum = call.output("sum");
        assertThat(sum.toFloatArray()).containsExactly(7, 7, 7, 7, 7, 7);
        a.setDouble(0, 100);
        call.run();
        assertThat(call.output("sum")).isSameAs(sum);
        assertThat(sum.toFloatArray()).containsExactly(106, 7, 7, 7, 7, 7);
        assertThat(Typed.failure(() -> call.input("c"))).hasMessageContaining("input 'c'");
        assertThat(Typed.failure(() -> call.output("a"))).hasMessageContaining("output 'a'");
    }

    @Test
    void preparedCallKeepsItsOwnMap() {
        Map<String, Tensor> inputs = new LinkedHashMap<>(Map.of("a", A, "b", B));
        PreparedCall call = session.prepare(inputs);
        inputs.clear();
        call.run();
        assertThat(call.output("sum").getFloat(0)).isEqualTo(7);
    }

    @Test
    void warmUpTakesShapesByTheNamesOfTheInputs() {
        assertThat(session.warmUp(shapes(2, 2), shapes(5, 5))).isSameAs(session);
    }

    @Test
    void warmUpRefusesShapesThatDoNotFit() {
        Map<String, long[]> one = Map.of("a", new long[] {2, 3});
        assertThat(Typed.failure(() -> session.warmUp(one)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input 'b'");
        Map<String, long[]> unknown = Map.of("a", new long[] {2, 3}, "c", new long[] {2, 3});
        assertThat(Typed.failure(() -> session.warmUp(unknown)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input 'c'");
        assertThat(Typed.failure(() -> session.warmUp(shapes(2, 3)))).isInstanceOf(InvalidInputException.class);
        assertThat(Typed.failure(() -> session.warmUp(shapes(-2, 3))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("[-2, 3]");
    }

    private static Map<String, long[]> shapes(long rowsOfA, long rowsOfB) {
        return Map.of("a", new long[] {rowsOfA, 3}, "b", new long[] {rowsOfB, 3});
    }

    @Test
    void anOutputMayBeAbsent() {
        Outputs out = session.predict(Map.of("a", A, "b", B));
        assertThat(out.find("sum")).containsSame(out.tensor("sum"));
        assertThat(out.find("quotient")).isEmpty();
        assertThat(out.get("quotient")).isNull();
    }

    @Test
    void explainNamesKernelsAndTotals() {
        Session s = SmallModels.perceptron().session();
        String text = s.inspect().explain(Map.of("x", SmallModels.random(2, 16)));
        assertThat(text)
                .contains("[2, 16]")
                .contains("MatMul+Add+Relu 'first'")
                .contains("Softmax")
                .containsPattern("\\d+ steps of \\d+ nodes; arena [0-9,]+ bytes");
        assertThat(Typed.failure(() -> s.inspect().explain(Map.of()))).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void texts() {
        Model model = SmallModels.perceptron();
        assertThat(model).hasToString("model 'perceptron'\n  input x: f32[batch,16]\n  output y: f32[batch,8]");
        assertThat(model.name()).isEqualTo("perceptron");
        assertThat(model.session()).hasToString("session of " + model);
        assertThat(model.session()).isSameAs(model.session());
        assertThat(model.session().model()).isSameAs(model);
        assertThat(model.metadata().properties()).isEmpty();
        assertThat(List.of(Tenon.describe().split("\\R"))).hasSizeGreaterThanOrEqualTo(2);
    }
}
