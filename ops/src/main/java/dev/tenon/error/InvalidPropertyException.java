package dev.tenon.error;

/** A system property of Tenon has a value that is not allowed. */
public final class InvalidPropertyException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param property the property as it is written on the command line: {@code -Dtenon.vector}
     * @param value the value found
     * @param allowed the values that are allowed
     * @param cure what to do about it, as a sentence
     */
    public InvalidPropertyException(String property, String value, String allowed, String cure) {
        super(property, value, allowed, cure);
    }
}
