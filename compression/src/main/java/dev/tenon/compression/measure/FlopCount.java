package dev.tenon.compression.measure;

import dev.tenon.Inspection;
import dev.tenon.Model;
import dev.tenon.Profile;
import dev.tenon.SessionOptions;
import dev.tenon.StepInfo;
import dev.tenon.op.cost.Cost;
import dev.tenon.tensor.Datum;
import java.util.List;
import java.util.Map;

/**
 * Counts the operations of products: twice the multiply-adds of matrix products, convolutions, attention and recurrent
 * networks, as {@link Cost} defines them. Weights count as dense, and element-wise operators do not count.
 */
public final class FlopCount {
    private FlopCount() {}

    /**
     * Counts the operations of a call in the graph as it is, not optimised.
     *
     * @param model the model
     * @param inputs the inputs of the call
     * @return the operations. A product whose shape depends on values that are computed counts as 0
     */
    public static long of(Model model, Map<String, ? extends Datum> inputs) {
        SessionOptions asRead = SessionOptions.standard().threads(1).optimize(false);
        Inspection inspection = model.session(asRead).inspect();
        List<StepInfo> steps = inspection.steps(inputs);
        boolean isPlanned = steps.stream().allMatch(step -> step.cost().isPresent());
        return 2 * (isPlanned ? sum(steps) : counted(inspection, inputs));
    }

    private static long sum(List<StepInfo> steps) {
        return steps.stream()
                .mapToLong(step -> step.cost().map(Cost::multiplyAdds).orElse(0L))
                .sum();
    }

    /** The multiply-adds of a call, in which bodies count as often as they run. */
    private static long counted(Inspection inspection, Map<String, ? extends Datum> inputs) {
        Profile profile = inspection.profile(inputs, 1);
        long sum = 0;
        for (Profile.GraphTimes graph : profile.graphs()) {
            sum += graph.runs()
                    * sum(graph.steps().stream().map(Profile.StepTime::step).toList());
        }
        return sum;
    }
}
