package dev.tenon.error;

/** A property of Tenon, of the JVM or of a framework, has a value that is not allowed, or a name that there is not. */
public final class InvalidPropertyException extends TenonException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes a failure.
     *
     * @param property the property as it is written: {@code -Dtenon.vector}
     * @param value the value found
     * @param allowed the values that are allowed
     * @param cure what to do about it, as a sentence
     */
    public InvalidPropertyException(String property, String value, String allowed, String cure) {
        super(property, value, allowed, cure);
    }
}
