package dev.tenon.formats;

import java.util.Map;

/**
 * The metadata of a model file.
 *
 * @param producer the tool that wrote it, may be empty
 * @param producerVersion the tool's version, may be empty
 * @param domain the namespace of the model, may be empty
 * @param version the model's version
 * @param description a text for people, may be empty
 * @param operatorSets the versions of the operator sets that the file was written for, by domain. The main domain is
 *     the empty string
 * @param properties other named strings, in the order of the file
 */
public record ModelMetadata(
        String producer,
        String producerVersion,
        String domain,
        long version,
        String description,
        Map<String, Long> operatorSets,
        Map<String, String> properties) {
    /** The metadata of a model without any. */
    public static final ModelMetadata EMPTY = new ModelMetadata("", "", "", 0, "", Map.of(), Map.of());
}
