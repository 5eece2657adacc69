package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.Profile;
import dev.tenon.SessionOptions;
import dev.tenon.op.cost.Cost;

/**
 * Counts the operations of products: twice the multiply-adds of matrix products, convolutions, attention and recurrent
 * networks, as {@link Cost} defines them. Weights count as dense, and element-wise operators do not count.
 */
final class FlopCount {
    private FlopCount() {}

    /**
     * Counts the operations of a sample by running the graph as it is, so that bodies count as often as they run.
     *
     * @param model the model
     * @param sample its inputs
     * @return the operations for one sample. A product whose shape depends on values that are computed counts as 0
     */
    static long of(Model model, FirstSample sample) {
        SessionOptions asRead = SessionOptions.standard().threads(1).optimize(false);
        Profile profile = model.session(asRead).inspect().profile(sample.inputs(), 1);
        long sum = 0;
        for (Profile.GraphTimes graph : profile.graphs()) {
            for (Profile.StepTime time : graph.steps()) {
                sum += 2 * time.step().cost().map(Cost::multiplyAdds).orElse(0L) * graph.runs();
            }
        }
        return sum / sample.samples();
    }
}
