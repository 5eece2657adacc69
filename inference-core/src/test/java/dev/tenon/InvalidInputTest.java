package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Typed;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Calls that do not fit the model. */
class InvalidInputTest {
    private final Session session = SmallModels.model("""
        graph (%ids: i64[batch,length], %mask: i64[batch,length], %scale: f32[3], %s: seq(f32[*])) {
          %sum = Add(%ids, %mask)
          %copy = Identity(%s)
          return %sum, %scale, %copy
        }
        """).session();

    private final Map<String, Datum> inputs = new HashMap<>(Map.of(
            "ids", Tensor.allocate(DType.INT64, 2, 5),
            "mask", Tensor.allocate(DType.INT64, 2, 5),
            "scale", Tensor.allocate(DType.FLOAT32, 3),
            "s", TensorSequence.of(Tensor.scalar(1f))));

    private TenonException failureWith(String name, Datum value) {
        inputs.put(name, value);
        return failure();
    }

    private TenonException failure() {
        TenonException e = Typed.failure(() -> session.predict(inputs));
        assertThat(e).isInstanceOf(InvalidInputException.class);
        assertThat(Typed.failure(() -> session.inspect().explain(inputs))).hasMessage(e.getMessage());
        return e;
    }

    @Test
    void theInputsAreRightToBeginWith() {
        assertThat(session.predict(inputs).tensor("sum").dims()).containsExactly(2, 5);
    }

    @Test
    void missing() {
        inputs.remove("mask");
        assertThat(failure())
                .hasMessageContaining("input 'mask'")
                .hasMessageContaining("not given; given: [")
                .hasMessageContaining("allowed i64[batch,length]")
                .hasMessageContaining("ids: i64[batch,length]");
        inputs.clear();
        assertThat(failure()).hasMessageContaining("input 'ids'");
    }

    @Test
    void unknown() {
        assertThat(failureWith("maskk", Tensor.scalar(1L)))
                .hasMessageContaining("input 'maskk'")
                .hasMessageContaining("no such input")
                .hasMessageContaining("mask: i64[batch,length]");
    }

    @Test
    void wrongName() {
        inputs.put("mask_", inputs.remove("mask"));
        assertThat(failure()).hasMessageContaining("input 'mask'").hasMessageContaining("mask_");
    }

    @Test
    void elementType() {
        assertThat(failureWith("ids", Tensor.allocate(DType.INT32, 2, 5)))
                .hasMessage("input 'ids': i32[2,5]; allowed i64[batch,length]; convert the elements to i64");
    }

    @Test
    void rank() {
        assertThat(failureWith("ids", Tensor.allocate(DType.INT64, 10)))
                .hasMessage("input 'ids': i64[10]; allowed i64[batch,length]; give 2 dimensions");
        assertThat(failureWith("ids", Tensor.scalar(1L))).hasMessageContaining("i64[];");
    }

    @Test
    void dimension() {
        assertThat(failureWith("scale", Tensor.allocate(DType.FLOAT32, 4)))
                .hasMessage("input 'scale': f32[4]; allowed f32[3]; make dimension 0 3");
    }

    @Test
    void symbolThatIsTwoNumbers() {
        assertThat(failureWith("mask", Tensor.allocate(DType.INT64, 2, 6)))
                .hasMessageContaining("input 'mask'")
                .hasMessageContaining("'length' is 6")
                .hasMessageContaining("'length' is 5 as in input 'ids'");
        assertThat(failureWith("mask", Tensor.allocate(DType.INT64, 1, 5)))
                .hasMessageContaining("'batch' is 1")
                .hasMessageContaining("'batch' is 2");
    }

    @Test
    void symbolThatIsTwoNumbersInOneInput() {
        Session square = SmallModels.model("graph (%x: f32[n,n]) { %y = Neg(%x) return %y }")
                .session();
        assertThat(Typed.failure(() -> square.predict(Map.of("x", Tensor.allocate(DType.FLOAT32, 2, 3)))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'n' is 3")
                .hasMessageContaining("'n' is 2 as in input 'x'");
    }

    @Test
    void kind() {
        assertThat(failureWith("s", Tensor.scalar(1f)))
                .hasMessageContaining("input 's'")
                .hasMessageContaining("f32[]")
                .hasMessageContaining("seq(f32[*])");
        assertThat(failureWith("s", TensorSequence.of(Tensor.scalar(1L)))).hasMessageContaining("seq(i64[");
        assertThat(failureWith("s", OptionalDatum.of(Tensor.scalar(1f)))).hasMessageContaining("allowed seq(f32[*])");
        inputs.put("s", TensorSequence.of(Tensor.scalar(1f)));
        assertThat(failureWith("ids", TensorSequence.of(Tensor.scalar(1L)))).hasMessageContaining("input 'ids'");
    }

    @Test
    void aFailedCallLeavesTheSessionUsable() {
        Tensor sum = Tensor.allocate(DType.INT64, 2, 5);
        inputs.put("mask", Tensor.scalar(1L));
        assertThat(failure()).hasMessageContaining("mask");
        inputs.put("mask", Tensor.of(new long[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 2, 5));
        session.predict(inputs, Map.of("sum", sum));
        assertThat(sum.toLongArray()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    }

    private TenonException outputFailure(String name, Tensor tensor) {
        TenonException e = Typed.failure(() -> session.predict(inputs, Map.of(name, tensor)));
        assertThat(e).isInstanceOf(InvalidInputException.class);
        return e;
    }

    @Test
    void outputs() {
        assertThat(outputFailure("summ", Tensor.scalar(1L)))
                .hasMessageContaining("output 'summ'")
                .hasMessageContaining("sum, scale, copy");
        assertThat(outputFailure("sum", Tensor.allocate(DType.INT32, 2, 5)))
                .hasMessageContaining("output 'sum'")
                .hasMessageContaining("i32[2,5]")
                .hasMessageContaining("allowed i64[2,5]");
        assertThat(outputFailure("sum", Tensor.allocate(DType.INT64, 5, 2))).hasMessageContaining("i64[5,2]");
        assertThat(outputFailure("sum", Tensor.allocate(DType.INT64, 10))).hasMessageContaining("i64[10]");
        assertThat(outputFailure("sum", Tensor.allocate(DType.INT64, 2, 5).asReadOnly()))
                .hasMessageContaining("read-only");
        assertThat(outputFailure("copy", Tensor.scalar(1f))).hasMessageContaining("seq(f32[");
    }

    @Test
    void nothingIsWrittenIfAnOutputDoesNotFit() {
        Tensor sum = Tensor.convert(DType.INT64, new long[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2, 5);
        Map<String, Tensor> outputs = Map.of("sum", sum, "scale", Tensor.allocate(DType.FLOAT32, 4));
        assertThat(Typed.failure(() -> session.predict(inputs, outputs))).hasMessageContaining("output 'scale'");
        assertThat(sum.getLong(0)).isEqualTo(1);
    }

    @Test
    void operandsThatOnlyTheRunKnows() {
        Session gather = SmallModels.model("""
            graph (%x: f32[n], %i: i64[m]) {
              %y = Gather<axis=0>(%x, %i) "table/lookup"
              return %y
            }
            """).session();
        Tensor x = SmallModels.random(5);
        assertThat(Typed.failure(() -> gather.predict(Map.of("x", x, "i", Tensor.of(new long[] {0, 5})))))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Gather 'table/lookup'")
                .hasMessageContaining("5")
                .hasMessageContaining("[-5, 4]");
        assertThat(gather.predict(Map.of("x", x, "i", Tensor.of(new long[] {-5, 4})))
                        .tensor()
                        .size())
                .isEqualTo(2);
    }

    @Test
    void operandsThatDoNotFitEachOther() {
        Session add = SmallModels.model("graph (%a: f32[n], %b: f32[m]) { %y = Add(%a, %b) \"both\" return %y }")
                .session();
        Map<String, Tensor> wrong =
                Map.of("a", Tensor.allocate(DType.FLOAT32, 3), "b", Tensor.allocate(DType.FLOAT32, 4));
        assertThat(Typed.failure(() -> add.predict(wrong)))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("Add 'both'");
        assertThat(Typed.failure(() -> add.inspect().explain(wrong))).hasMessageContaining("Add 'both'");
        assertThat(add.predict(Map.of("a", Tensor.scalar(1f).reshape(1), "b", Tensor.allocate(DType.FLOAT32, 4)))
                        .tensor()
                        .size())
                .isEqualTo(4);
    }
}
