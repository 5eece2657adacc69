package dev.tenon.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.OpCase;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The work of every operator of the catalogue is counted while it goes on. So whoever computes one ahead of a call can
 * bound it, also where types do not tell how much there is to do.
 */
class EveryReferenceCountsTest {
    /** Its result has as many elements as a shape has dimensions. */
    private static final Set<String> AS_SHORT_AS_A_SHAPE = Set.of("Shape");

    /** A budget looks at its limits once in so many operations. */
    private static final long BETWEEN_LOOKS = 1 << 12;

    private static WorkBudget budget(long operations) {
        return WorkBudget.started("reference", new WorkLimits(Long.MAX_VALUE, operations, "time", "operations"));
    }

    private static Operands operands(OpCase c) {
        return new Operands(c.op(), "case", c.inputs(), c.outputs());
    }

    @TestFactory
    Stream<DynamicTest> everyOperator() {
        return AllCases.operators().definitions().stream()
                .map(d -> DynamicTest.dynamicTest(d.schema().qualifiedName(), () -> {
                    for (OpCase c : AllCases.of(d)) {
                        if (c.error() == null) {
                            check(c);
                        }
                    }
                }));
    }

    private static void check(OpCase c) {
        WorkBudget all = budget(Long.MAX_VALUE);
        List<Datum> results = all.run(() -> operands(c).evaluate());
        if (!(c.op() instanceof ViewOp)
                && !AS_SHORT_AS_A_SHAPE.contains(c.op().schema().name())) {
            assertThat(all.spent()).as("operations of %s", c).isGreaterThanOrEqualTo(written(results, c.inputs()));
        }
        long half = all.spent() / 2;
        if (half > 2 * BETWEEN_LOOKS) {
            WorkBudget some = budget(half);
            assertThatThrownBy(() -> some.run(() -> operands(c).evaluate()))
                    .as(c.toString())
                    .isInstanceOf(ResourceLimitException.class);
            assertThat(some.spent()).as("operations of %s", c).isLessThan(all.spent());
        }
    }

    /** The elements of results that something has written: new memory holds zeros. */
    private static long written(List<Datum> results, List<Datum> inputs) {
        long written = 0;
        for (Datum result : results) {
            if (result instanceof Tensor t && t.size() > 1 && !isPartOf(inputs, t)) {
                for (long i = 0; i < t.size(); i++) {
                    written += isZero(t, i) ? 0 : 1;
                }
            }
        }
        return written;
    }

    private static boolean isZero(Tensor t, long i) {
        return switch (t.dtype()) {
            case STRING -> t.getString(i).isEmpty();
            case BOOL -> !t.getBoolean(i);
            case COMPLEX64, COMPLEX128 -> t.getReal(i) == 0 && t.getImaginary(i) == 0;
            default -> t.dtype().isFloating() ? t.getDouble(i) == 0 : t.getLong(i) == 0;
        };
    }

    private static boolean isPartOf(List<Datum> inputs, Tensor result) {
        for (Datum input : inputs) {
            boolean shared =
                    switch (input) {
                        case null -> false;
                        case Tensor t ->
                            t.dtype() != DType.STRING
                                    && result.dtype() != DType.STRING
                                    && t.segment()
                                            .asOverlappingSlice(result.segment())
                                            .isPresent();
                        case TensorSequence s -> isPartOf(List.copyOf(s.elements()), result);
                        case OptionalDatum o -> o.isPresent() && isPartOf(List.of(o.get()), result);
                        case MapDatum m -> false;
                    };
            if (shared) {
                return true;
            }
        }
        return false;
    }

    @Test
    void theRestOfAMeterCountsWhenItEnds() {
        WorkBudget budget = budget(Long.MAX_VALUE);
        Tensor t = Tensor.of(new float[] {1, 2, 3});
        budget.run(() -> {
            budget.startMeter();
            try {
                return t.reshape(3).getFloat(1) + t.reshape(3).getFloat(2);
            } finally {
                budget.endMeter();
            }
        });
        assertThat(budget.spent()).isEqualTo(2);
    }
}
