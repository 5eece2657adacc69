package dev.tenon.compression.factorize;

import dev.tenon.Model;
import dev.tenon.tensor.Tensor;

/**
 * Decides whether a chain of smaller layers is worth its place. The standard decision measures both; a test, or a run that
 * must give the same bytes on any machine, gives another.
 */
@FunctionalInterface
public interface Pays {
    /**
     * A decision.
     *
     * @param isYes whether the chain takes the place of the layer
     * @param reason the reason, for the report
     */
    record Decision(boolean isYes, String reason) {}

    /**
     * Decides.
     *
     * @param name the name of the layer
     * @param layer a model of the layer alone, with one input
     * @param chain a model of the chain alone, with the same input
     * @param input an input of the shape that the layer gets for one sample
     * @return the decision
     */
    Decision decide(String name, Model layer, Model chain, Tensor input);

    /**
     * Measures both on one thread of this machine, in turns; the chain pays if it takes at most 0.95 of the time.
     *
     * @return the decision by measurement
     */
    static Pays measured() {
        return new Measurement(0.95);
    }

    /**
     * Takes each chain, whatever it costs.
     *
     * @return the decision that is always yes
     */
    static Pays always() {
        return (name, layer, chain, input) -> new Decision(true, "not measured");
    }
}
