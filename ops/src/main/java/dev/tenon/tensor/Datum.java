package dev.tenon.tensor;

/** A value: what a model takes and gives. */
public sealed interface Datum permits Tensor, TensorSequence, OptionalDatum, MapDatum {
    /** {@return the type of this value, with known shapes where the value has them} */
    ValueType type();
}
