Payments = Payments or 0

Handlers.add('pay', 'Pay', function(msg)
  Payments = Payments + tonumber(msg.Quantity)
  msg.reply({ Action = 'Paid', Recipient = msg.Recipient, Quantity = msg.Quantity })
end)
