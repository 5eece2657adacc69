package dev.tenon.compression.recipe;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Fingerprint;
import dev.tenon.compression.factorize.Pays;
import dev.tenon.compression.search.Timings;
import dev.tenon.tensor.Tensor;

/**
 * Decides by measuring, and remembers the decision for each layer and chain. So a layer is measured once, however often it is
 * divided, and the same file of times gives the same result.
 *
 * @param model the model before compression
 * @param timings where decisions are kept
 */
record RememberedPays(Model model, Timings timings) implements Pays {
    private static final Pays MEASURED = Pays.measured();
    private static final String YES = "yes ";
    private static final String NO = "no ";
    private static final int DIGITS = 16;

    @Override
    public Decision decide(String name, Model layer, Model chain, Tensor input) {
        String key = "chain " + new Fingerprint().add(name).add(chain).hex().substring(0, DIGITS);
        String text = timings.decision(model, key, () -> {
            Decision decision = MEASURED.decide(name, layer, chain, input);
            return (decision.isYes() ? YES : NO) + decision.reason();
        });
        boolean isYes = text.startsWith(YES);
        if (!isYes && !text.startsWith(NO)) {
            throw new CompressionException(
                    "decision '" + key + "' about layer '" + name + "' in the file of times",
                    "'" + text + "'",
                    "'" + YES + "' or '" + NO + "' and a reason",
                    "remove the line");
        }
        return new Decision(isYes, text.substring((isYes ? YES : NO).length()));
    }
}
