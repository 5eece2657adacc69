package dev.tenon.differential;

import dev.tenon.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Where the peer departs from the standard, stops, or has no such operator: a line for each, by name and with the reason.
 * What is listed is compared with something else instead, never with a wider tolerance.
 */
final class Deviations {
    /** What results are compared with instead. */
    enum Instead {
        /** The peer's results in a wider type, rounded. */
        WIDER_PEER,
        /** The operator's reference, whose own cases hold numbers from the standard. */
        REFERENCE
    }

    /**
     * A deviation.
     *
     * @param operator the operator
     * @param when the models that it is about
     * @param instead what to compare with
     * @param reason what the peer does
     */
    record Deviation(String operator, Predicate<Sketch> when, Instead instead, String reason) {}

    private static final List<Deviation> ALL = all();

    private Deviations() {}

    static Deviation find(Sketch sketch) {
        for (Deviation d : ALL) {
            if (d.operator.equals(sketch.operator()) && d.when.test(sketch)) {
                return d;
            }
        }
        return null;
    }

    private static List<Deviation> all() {
        List<Deviation> list = new ArrayList<>();
        elementwise(list);
        return List.copyOf(list);
    }

    private static void elementwise(List<Deviation> list) {
        for (String name : List.of("Exp", "Tanh")) {
            list.add(new Deviation(
                    name,
                    s -> s.operand(0).dtype() == DType.FLOAT32,
                    Instead.WIDER_PEER,
                    "approximated to a few digits less than the contract asks for"));
        }
    }
}
