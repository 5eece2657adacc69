package dev.tenon.formats.onnx.proto;

/**
 * An attribute of a node, or the default of an attribute of a function.
 *
 * @param name its name
 * @param refAttrName the attribute of the function around it whose value it takes, or {@code ""}
 * @param docString documentation
 * @param type the type of {@code value}, or of the attribute that it refers to
 * @param value the value, {@link AttributeValue.NoValue} if it refers to another attribute
 */
public record AttributeProto(
        String name, String refAttrName, String docString, AttributeType type, AttributeValue value) {
    /**
     * An attribute with a value.
     *
     * @param name its name
     * @param value its value
     * @return the attribute
     */
    public static AttributeProto of(String name, AttributeValue value) {
        return new AttributeProto(name, "", "", value.type(), value);
    }
}
