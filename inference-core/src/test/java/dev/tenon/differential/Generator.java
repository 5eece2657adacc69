package dev.tenon.differential;

/** Makes random valid models of one operator. */
@FunctionalInterface
public interface Generator {
    /** Makes a model with its inputs. All random choices come from the draw. */
    OperatorModel model(Draw draw);
}
