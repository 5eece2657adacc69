/**
 * Scoring of the records of a Kafka topic: a processor of Kafka Streams that runs a model, the topology around it, and an
 * application with exactly-once processing and a topic for records that can't be scored.
 *
 * <p>Must not live here: buffers of records. A record that a processor keeps after it returns is lost when the application
 * dies, because its offset is committed. To take another form of record: write a {@code Serde}, and a function from its
 * values to the inputs of the model.
 */
package dev.tenon.samples.kafka;
