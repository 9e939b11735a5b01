/** What `redstart benchmark --help` prints. */
export const USAGE = `Usage: redstart benchmark [OPTIONS] [COMMAND ARGS...]
       redstart benchmark report [OPTIONS]      (see redstart benchmark report --help)
       redstart benchmark embedded [OPTIONS]    (see redstart benchmark embedded --help)

Puts a load on a server that speaks RESP and prints throughput and latencies. Its options and its
output are those of redis-benchmark 7.2; those below the line are its own.

 -h <hostname>      Server (default 127.0.0.1)
 -p <port>          Its port (default 6379)
 -s <socket>        Its unix socket, in place of host and port
 -a <password>      Password
 --user <username>  User of the password
 -u <uri>           All of these: redis://[[user]:password@]host[:port][/database]; rediss://
                    is with TLS
 -c <clients>       Connections at a time (default 50)
 -n <requests>      Requests of each test (default 100000)
 -d <size>          Bytes of a value (default 3)
 --dbnum <db>       Database (default 0)
 -3                 RESP3
 --threads <num>    So many threads share the connections
 --enable-tracking  Send CLIENT TRACKING on first
 -k <boolean>       1 keeps connections, 0 opens one for each pipeline (default 1)
 -r <keyspacelen>   __rand_int__ in an argument becomes twelve digits, a number below this, drawn
                    anew each time; the tests then use different keys, members and scores
 -P <numreq>        Requests that are sent together (default 1)
 -q                 One line for each test
 --precision <n>    Decimal digits that latencies keep, 1 to 4 (default 3)
 --csv              Comma-separated values
 -l                 Over and over
 -t <tests>         Only these, separated by commas: ping_inline, ping_mbulk, set, get, incr, lpush,
                    rpush, lpop, rpop, sadd, hset, spop, zadd, zpopmin, lrange, lrange_100 (300,
                    500, 600), mset, xadd
 -I                 Only opens connections and waits
 -x                 Reads the last argument from standard input
 -e                 Accepted; an error always ends the benchmark
 --seed <n>         Makes what is drawn the same each time
 --tls              TLS, with --sni <host> --cacert <file> --cacertdir <dir> --insecure
                    --cert <file> --key <file> --tls-ciphers <list> --tls-ciphersuites <list>
 -v, --version      Version
 --help             This
 ----------------------------------------------------------------------------------------------
 --rate <n>         So many requests a second, whether or not the server keeps up: latencies count
                    from when a request was due, so that one stall is not one slow request only
 --distribution <d> How numbers are drawn: uniform (default), zipf or zipf:<s> (few keys get most
                    requests; s is 0.99 if left out), sequential
 --ratio <w:w>      One test of SET and GET in this ratio: --ratio 1:10; or of others by name:
                    --ratio SET:GET:INCR 1:10:2
 --data-size-range <low-high>
                    Values of any size in between
 --data-size-list <size:weight,…>
                    Values of these sizes, as often as their weights say

Examples:
  redstart benchmark -t set,get -q
  redstart benchmark -P 16 -r 1000000 --ratio 1:10 --distribution zipf
  redstart benchmark -t get --rate 20000 -n 200000
  redstart benchmark -r 10000 -n 10000 lpush mylist __rand_int__
`
