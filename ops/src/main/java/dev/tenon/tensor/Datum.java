package dev.tenon.tensor;

/** A value that a model takes as an input or gives as an output. */
public sealed interface Datum permits Tensor, TensorSequence, OptionalDatum, MapDatum {
    /** {@return the type of this value, with known shapes where the value has them} */
    ValueType type();

    /** {@return an equal value that shares no memory with this one} */
    Datum copy();
}
